using Crpbot.Codecs.Instruments;
using Crpbot.Messages;

namespace Crpbot.Features;

/// <summary>What a <see cref="FeatureEngine"/> must be told about its feed. Every default is explained.</summary>
public sealed record FeatureOptions
{
    /// <summary>Silence after which a channel's state is unknown, where the venue sends heartbeats.</summary>
    public const long QuietLimitWithHeartbeats = 5 * UnixNanos.PerSecond;

    /// <summary>The same where it sends none.</summary>
    public const long QuietLimitWithoutHeartbeats = 60 * UnixNanos.PerSecond;

    /// <summary>How long a quiet channel counts as healthy; at most an hour. Default: no heartbeats (contracts, “Time”).</summary>
    public long QuietLimitNanos { get; init; } = QuietLimitWithoutHeartbeats;

    /// <summary>The same before the stream's first heartbeat: a recording of a venue with heartbeats may lack them. Default:
    /// <see cref="QuietLimitNanos"/>.</summary>
    public long? QuietLimitBeforeHeartbeatsNanos { get; init; }

    /// <summary>Trades of known side with a mid before them below which an hour says nothing about sides. The definition gives
    /// no number; below twenty a fair feed fails the 60 % line more often than once in a thousand hours.</summary>
    public int SideCheckTrades { get; init; } = 20;

    /// <summary>Levels a side the book is ready for; it grows by doubling.</summary>
    public int BookCapacity { get; init; } = 4096;

    /// <summary>Trades a minute to be ready for; grows by doubling.</summary>
    public int TradesCapacity { get; init; } = 16384;

    /// <summary>Changes of the mid a minute to be ready for; grows by doubling.</summary>
    public int MidsCapacity { get; init; } = 8192;

    /// <summary>Trades in five seconds to be ready for; grows by doubling.</summary>
    public int WaitingCapacity { get; init; } = 1024;

    /// <summary>Replaces the threshold of large parents, in quote units; for golden vectors.</summary>
    internal double? LargeNotional { get; init; }

    /// <summary>The options of an Instrument's venue: Coinbase sends heartbeats, the others do not.</summary>
    public static FeatureOptions For(Instrument instrument)
    {
        ArgumentNullException.ThrowIfNull(instrument);
        bool heartbeats = instrument.Venue.StartsWith("coinbase", StringComparison.Ordinal);
        return new FeatureOptions
        {
            QuietLimitNanos = heartbeats ? QuietLimitWithHeartbeats : QuietLimitWithoutHeartbeats,
            QuietLimitBeforeHeartbeatsNanos = QuietLimitWithoutHeartbeats,
        };
    }

    internal long LimitBeforeHeartbeats => QuietLimitBeforeHeartbeatsNanos ?? QuietLimitNanos;

    internal FeatureOptions Checked()
    {
        foreach (long limit in (ReadOnlySpan<long>)[QuietLimitNanos, LimitBeforeHeartbeats])
        {
            if (limit is < UnixNanos.PerSecond or > UnixNanos.PerHour)
                throw new ArgumentException($"a quiet limit of {limit} ns is outside one second to one hour");
        }

        if (SideCheckTrades < 1 || BookCapacity < 1 || TradesCapacity < 1 || MidsCapacity < 1 || WaitingCapacity < 1)
            throw new ArgumentException("feature capacities and counts start at 1");
        return this;
    }
}
