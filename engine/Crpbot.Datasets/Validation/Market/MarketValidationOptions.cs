using Crpbot.Features;
using Crpbot.Messages;

namespace Crpbot.Datasets.Validation;

/// <summary>What was asked for, and where a fault begins. Every default is explained.</summary>
public sealed record MarketValidationOptions
{
    /// <summary>Begin of the interval that is judged; null: of the data.</summary>
    public UnixNanos? From { get; init; }

    /// <summary>Its end, exclusive; null: of the data.</summary>
    public UnixNanos? To { get; init; }

    /// <summary>Silence after which the feed counts as down, where no heartbeat was seen.</summary>
    public long QuietLimitNanos { get; init; } = FeatureOptions.QuietLimitWithoutHeartbeats;

    /// <summary>The same after the first heartbeat.</summary>
    public long HeartbeatLimitNanos { get; init; } = FeatureOptions.QuietLimitWithHeartbeats;

    /// <summary>A step of receive − exchange beyond this is a clock's. Half of what the bar clock warns of; recorded feeds stay below 0.4 s.</summary>
    public long ClockJumpNanos { get; init; } = 500 * UnixNanos.PerMillisecond;

    /// <summary>How long the new offset has to last: a stalled recorder catches up sooner.</summary>
    public long ClockHoldNanos { get; init; } = 2 * UnixNanos.PerSecond;

    /// <summary>Messages that come before they were sent by more than this tell that a clock is wrong; twenty times what good recorders show.</summary>
    public long ClockLeadNanos { get; init; } = 100 * UnixNanos.PerMillisecond;

    /// <summary>A lag beyond this tells the same. Source: contracts, “Time”.</summary>
    public long ClockLagNanos { get; init; } = UnixNanos.PerSecond;

    /// <summary>How far ExchangeTime may go back inside a channel: venues stamp on several machines.</summary>
    public long ExchangeBackNanos { get; init; } = 100 * UnixNanos.PerMillisecond;

    /// <summary>A book that is crossed for no longer is being changed by several messages of one instant.</summary>
    public long CrossedNanos { get; init; } = 5 * UnixNanos.PerMillisecond;

    /// <summary>A price this far from both its neighbours is a jump; as a fraction.</summary>
    public double JumpShare { get; init; } = 0.01;

    /// <summary>Trades with a mid before them, over at least a minute, below which an hour may call sides inverted but not doubtful.</summary>
    public int SideTrades { get; init; } = 100;

    /// <summary>Days of a symbol that make a typical day.</summary>
    public int TypicalDays { get; init; } = 4;

    /// <summary>A day with less than the median divided by this, or more than its multiple, is unusual.</summary>
    public double UnusualFactor { get; init; } = 5;
}
