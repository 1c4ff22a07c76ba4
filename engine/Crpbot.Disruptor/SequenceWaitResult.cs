namespace Crpbot.Disruptor;

/// <summary>What became of a wait: a value, never an exception.</summary>
public readonly record struct SequenceWaitResult
{
    // A sequence that is waited for is never negative, so the other outcomes are.
    private readonly long _value;

    private SequenceWaitResult(long value) => _value = value;

    /// <summary>The wait strategy's timeout passed first.</summary>
    public static readonly SequenceWaitResult Timeout = new(-1);

    /// <summary>The ring was halted, by command or by a stage that failed.</summary>
    public static readonly SequenceWaitResult Halted = new(-2);

    /// <summary>The producer has completed and the sequence waited for will never come: everything is drained.</summary>
    public static readonly SequenceWaitResult Completed = new(-3);

    public static SequenceWaitResult Available(long sequence) => new(sequence);

    public bool IsAvailable => _value >= 0;

    /// <summary>The highest sequence at hand, at least the one waited for; negative if there is none.</summary>
    public long Sequence => _value;

    public override string ToString() => _value switch
    {
        >= 0 => $"Available({_value})",
        -1 => nameof(Timeout),
        -2 => nameof(Halted),
        _ => nameof(Completed),
    };
}
