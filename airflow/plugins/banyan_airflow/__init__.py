"""What Banyan's DAGs are made of: how a command is run, which day a run speaks of, what people are told, who approves."""
