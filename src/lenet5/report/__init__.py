"""What people look at: figures and tables, drawn from results in memory."""
