namespace Crpbot.MarketData.Feeds;

/// <summary>Where a feed comes from and how patient its connection is.</summary>
public sealed record FeedOptions
{
    public required Uri Address { get; init; }

    /// <summary>Text messages sent after each connect: subscriptions. None for addresses that say it all.</summary>
    public IReadOnlyList<string> Subscriptions { get; init; } = [];

    /// <summary>Wait before the second attempt; doubles with each that fails, up to <see cref="MaxDelay"/>.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Some venues ban addresses that try more often.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A connection without a message for this long is given up: a feed can go quiet without closing.</summary>
    public TimeSpan StaleAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the receiving thread looks at its timers while nothing arrives.</summary>
    public TimeSpan IdleInterval { get; init; } = TimeSpan.FromMilliseconds(1);

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The server sends a recording and closes normally at its end; a second connection would send it again from the start.</summary>
    public bool IsReplay { get; init; }

    /// <summary>Attempts in a row without market data before giving up for good; 0 never does.</summary>
    public int MaxAttempts { get; init; }

    /// <summary>Spreads the attempts of many clients; the seed makes a test repeatable.</summary>
    public int JitterSeed { get; init; } = Environment.ProcessId;
}
