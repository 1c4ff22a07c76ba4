namespace Crpbot.Stress.Disruptor;

/// <summary>What a stress run showed.</summary>
internal enum StressVerdict : byte
{
    /// <summary>Enough happened to break a broken ring, and nothing broke.</summary>
    Held = 0,

    /// <summary>A slot was lost, doubled, torn or overwritten.</summary>
    Broken = 1,

    /// <summary>The threads hardly met: neither a pass nor a fail.</summary>
    Inconclusive = 2,
}

/// <param name="Verdict">The ruling.</param>
/// <param name="Events">How many events were read.</param>
/// <param name="Laps">How often the ring went round.</param>
/// <param name="MetWriting">How often the consumer went on while a producer stood halfway through a slot: evidence of overlap.</param>
/// <param name="MetReading">How often a producer went on while the consumer held slots.</param>
/// <param name="FirstViolation">The first slot that was wrong, in words.</param>
internal sealed record StressOutcome(StressVerdict Verdict, long Events, long Laps, long MetWriting, long MetReading, string? FirstViolation);
