namespace Crpbot.Execution;

/// <summary>How signals become orders and how the paper venue treats them.</summary>
public sealed record ExecutionOptions
{
    /// <summary>The stop stands at least this many average true ranges from the entry.</summary>
    public double StopAtrMultiple { get; init; } = 2;

    /// <summary>And at least this fraction of the price: 1 % risk at a leverage of 1:3.3 allows nothing nearer than 0.30 %.</summary>
    public double MinStopFraction { get; init; } = 0.0035;

    /// <summary>Distance of the target over that of the stop.</summary>
    public double TargetMultiple { get; init; } = 1.5;

    /// <summary>Event time from sending an order or a cancellation to its arrival at the paper venue.</summary>
    public long OrderLatencyNanos { get; init; }

    /// <summary>After a refused exit, the next attempt: the reason is seldom gone sooner.</summary>
    public int ExitRetrySeconds { get; init; } = 60;

    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public void Validate()
    {
        if (!(StopAtrMultiple >= 0 && double.IsFinite(StopAtrMultiple)))
            throw new ArgumentException("stopAtrMultiple must be a number from 0");
        if (!(MinStopFraction > 0 && MinStopFraction < 1))
            throw new ArgumentException("minStopFraction must be a fraction between 0 and 1");
        if (!(TargetMultiple > 0 && double.IsFinite(TargetMultiple)))
            throw new ArgumentException("targetMultiple must be above 0");
        if (OrderLatencyNanos < 0 || ExitRetrySeconds < 1)
            throw new ArgumentException("orderLatencyNanos must be from 0 and exitRetrySeconds from 1");
    }
}
