"""The pages of service: after-sales across channels, payments, the rows behind them, one order from end to end."""
