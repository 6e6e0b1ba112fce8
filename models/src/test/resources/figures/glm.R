# The figures of glm.csv: R's own logistic regression, with weights, on 60 cases drawn by a plain congruential generator.
#   Rscript glm.R > glm.csv
seed <- 12345
draw <- function() { seed <<- (seed * 1103515245 + 12345) %% 2147483648; floor(seed / 65536) %% 1000 / 1000 }
n <- 60
x1 <- x2 <- y <- w <- numeric(n)
for (i in 1:n) {
  x1[i] <- 4 * draw() - 2
  x2[i] <- 4 * draw() - 2
  y[i] <- as.numeric(draw() < 1 / (1 + exp(-(0.3 + 0.9 * x1[i] - 0.5 * x2[i]))))
  w[i] <- 0.5 + draw()
}
options(digits = 17)
fit <- suppressWarnings(glm(y ~ x1 + x2, family = binomial, weights = w, control = list(epsilon = 1e-14, maxit = 100)))
s <- summary(fit)$coefficients
cat("x1,x2,y,w\n")
for (i in 1:n) cat(paste(format(c(x1[i], x2[i], y[i], w[i]), digits = 17, trim = TRUE), collapse = ","), "\n", sep = "")
cat("term,estimate,error,p\n")
for (k in 1:3) cat(paste(c(rownames(s)[k], format(s[k, c(1, 2, 4)], digits = 17, trim = TRUE)), collapse = ","), "\n", sep = "")
