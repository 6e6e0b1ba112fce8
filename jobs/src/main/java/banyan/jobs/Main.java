package banyan.jobs;

import banyan.jobs.command.Bench;
import banyan.jobs.command.Build;
import banyan.jobs.command.Collect;
import banyan.jobs.command.Demo;
import banyan.jobs.command.Diff;
import banyan.jobs.command.Doctor;
import banyan.jobs.command.Evaluate;
import banyan.jobs.command.Explain;
import banyan.jobs.command.Feedback;
import banyan.jobs.command.Fetch;
import banyan.jobs.command.Generate;
import banyan.jobs.command.LakeCommand;
import banyan.jobs.command.LinksCommand;
import banyan.jobs.command.Models;
import banyan.jobs.command.PlanCommand;
import banyan.jobs.command.PolicyCommand;
import banyan.jobs.command.Publish;
import banyan.jobs.command.QualityCommand;
import banyan.jobs.command.QuarantineCommand;
import banyan.jobs.command.Restate;
import banyan.jobs.command.Run;
import banyan.jobs.command.Snapshot;
import banyan.jobs.command.Tables;
import banyan.jobs.command.Train;
import banyan.jobs.command.WhatIf;
import banyan.schemas.InvalidDefinition;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.TimeZone;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The one entry point, under the launcher and under spark-submit. The only class that ends the process. */
@Command(
        name = "banyan",
        version = "banyan 0.1.0",
        mixinStandardHelpOptions = true,
        description = "Builds the risk lake: who should be inspected first, and why.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            Demo.class,
            Collect.class,
            Fetch.class,
            Run.class,
            Build.class,
            Publish.class,
            PlanCommand.class,
            Feedback.class,
            Explain.class,
            Diff.class,
            WhatIf.class,
            Restate.class,
            Snapshot.class,
            Train.class,
            Evaluate.class,
            Models.class,
            Models.Promote.class,
            Models.Retire.class,
            LinksCommand.class,
            PolicyCommand.class,
            Tables.class,
            QualityCommand.class,
            QuarantineCommand.class,
            LakeCommand.class,
            Generate.class,
            Bench.class,
            Doctor.class,
            AutoComplete.GenerateCompletion.class
        },
        footer = {
            "",
            "Try it on the samples:",
            "  banyan demo",
            "Exit codes: 0 done, 1 fault in the program, 2 wrong command, 3 the data broke a contract or the gate refused,",
            "4 contract or policy invalid, 5 lock held, 75 try again later, 99 nothing to do."
        })
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        Locale.setDefault(Locale.ROOT);
        TimeZone.setDefault(TimeZone.getTimeZone("Asia/Shanghai"));
        int code = run(args);
        // YARN takes a driver of its own that ends the process for a failed one, whatever the code.
        if (code == 0 && "cluster".equals(System.getProperty("spark.submit.deployMode"))) {
            Session.close();
            return;
        }
        System.exit(code);
    }

    /** The exit code of a command line. */
    static int run(String... args) {
        PrintWriter out = new PrintWriter(new java.io.OutputStreamWriter(System.out, StandardCharsets.UTF_8), true);
        PrintWriter err = new PrintWriter(new java.io.OutputStreamWriter(System.err, StandardCharsets.UTF_8), true);
        return Models.under(new CommandLine(new Main()))
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((e, command, parsed) -> explain(e, err))
                .execute(args);
    }

    /** A refusal is a message; anything else is a fault, shown with its stack trace. */
    private static int explain(Exception e, PrintWriter err) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof Refusal refusal) {
                err.println(refusal.getMessage());
                return refusal.exit().code;
            }
            if (cause instanceof InvalidDefinition) {
                err.println(cause.getMessage());
                return Refusal.Exit.DEFINITION.code;
            }
            if (cause instanceof java.io.IOException
                    && String.valueOf(cause.getMessage()).contains("No space left")) {
                err.println(
                        "Cannot write: the disk is full. Nothing half-written counts; free some space and run the same command again.");
                return Refusal.Exit.AGAIN.code;
            }
        }
        StringWriter trace = new StringWriter();
        e.printStackTrace(new PrintWriter(trace));
        err.println("A fault in Banyan; what was committed stands, what was not can be run again.\n" + trace);
        return Refusal.Exit.FAULT.code;
    }
}
