namespace Crpbot.Features;

/// <summary>Why a value is NaN, or that it is there. Stored in datasets and hashed; values are never reused.</summary>
public enum MissingReason : byte
{
    Present = 0,

    /// <summary>Not enough history yet.</summary>
    Warmup = 1,

    /// <summary>The book was valid for less than 30 s of the Bar, or at none of the instants needed.</summary>
    NoBook = 2,

    /// <summary>The book was valid for less than 54 s of the Bar, so silence means nothing.</summary>
    FeedDown = 3,

    /// <summary>No Trade to measure, in this Bar and the five before it.</summary>
    NoTrades = 4,

    /// <summary>The known book ended within ten basis points at more than six instants.</summary>
    Truncated = 5,
}
