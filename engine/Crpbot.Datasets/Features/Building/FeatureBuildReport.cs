using Crpbot.Features;
using Crpbot.Messages;

namespace Crpbot.Datasets;

/// <summary>What a build wrote and what it could not: counts only, so that equal inputs make equal reports.</summary>
public sealed class FeatureBuildReport
{
    private readonly SortedDictionary<string, FeatureSymbolReport> _symbols = new(StringComparer.Ordinal);

    public long Rows => _symbols.Values.Sum(symbol => symbol.Rows);

    /// <summary>Candles read.</summary>
    public long Candles { get; internal set; }

    /// <summary>Input messages, REST snapshots included.</summary>
    public long Frames { get; internal set; }

    /// <summary>MarketEvents applied, Timers left out.</summary>
    public long Events { get; internal set; }

    public long Trades { get; internal set; }

    public long BookDeltas { get; internal set; }

    public long Gaps { get; internal set; }

    /// <summary>Messages of a type nobody reads.</summary>
    public long Unknown { get; internal set; }

    /// <summary>Deltas before their snapshot and the like.</summary>
    public long Dropped { get; internal set; }

    /// <summary>Malformed rows or messages, or such that cannot be represented.</summary>
    public long Refused { get; internal set; }

    /// <summary>Receive times that went backwards.</summary>
    public long ClampedTimes { get; internal set; }

    /// <summary>By <c>venue:SYMBOL</c>.</summary>
    public IReadOnlyDictionary<string, FeatureSymbolReport> Symbols => _symbols;

    /// <summary>What a person should know before believing the dataset.</summary>
    public IList<string> Warnings { get; } = [];

    /// <summary>A symbol's entry, made at its first mention.</summary>
    public FeatureSymbolReport Of(string symbol)
    {
        if (!_symbols.TryGetValue(symbol, out FeatureSymbolReport? report))
            _symbols.Add(symbol, report = new FeatureSymbolReport());
        return report;
    }
}

/// <summary>One Instrument's part of a build.</summary>
public sealed class FeatureSymbolReport
{
    private readonly long[] _missing = new long[FeatureSchema.Count * ReasonCount];
    private UnixNanos _first;
    private UnixNanos _last;

    internal const int ReasonCount = 6;

    public long Rows { get; private set; }

    /// <summary>Open time of the first row; None without rows.</summary>
    public UnixNanos From => _first;

    /// <summary>Open time of the last row.</summary>
    public UnixNanos To => _last;

    /// <summary>Minutes between the first and the last row that have no Bar; nothing was filled in for them.</summary>
    public long MissingMinutes => Rows == 0 ? 0 : (_last - _first) / UnixNanos.PerMinute + 1 - Rows;

    /// <summary>Rows no Prediction may read: fewer than 360 Bars before them.</summary>
    public long WarmupRows { get; private set; }

    public long RowsWithoutTrades { get; private set; }

    /// <summary>Times the rolling state started afresh after more than five missing Bars.</summary>
    public long Restarts { get; private set; }

    /// <summary>Events or candles with impossible values.</summary>
    public long Refused { get; internal set; }

    /// <summary>Trades and BookDeltas that came after their Bar had closed.</summary>
    public long LateEvents { get; internal set; }

    /// <summary>Hours in which fewer than nine in ten Trades printed on their side of the mid.</summary>
    public long SideHoursWarned { get; internal set; }

    /// <summary>Hours in which fewer than six in ten did: the hour after each has no Bars.</summary>
    public long SideHoursRefused { get; internal set; }

    /// <summary>Rows in which a feature is missing for a reason.</summary>
    public long MissingOf(int feature, MissingReason reason) => _missing[feature * ReasonCount + (int)reason];

    /// <summary>Rows in which a feature is missing.</summary>
    public long MissingOf(int feature) => _missing.AsSpan(feature * ReasonCount + 1, ReasonCount - 1).ToArray().Sum();

    /// <summary>The reason most rows give for a feature; Present where none is missing.</summary>
    public MissingReason MainReasonOf(int feature)
    {
        ReadOnlySpan<long> counts = _missing.AsSpan(feature * ReasonCount, ReasonCount);
        int main = 0;
        for (int reason = 1; reason < ReasonCount; reason++)
        {
            if (counts[reason] > (main == 0 ? 0 : counts[main]))
                main = reason;
        }

        return (MissingReason)main;
    }

    internal void Count(FeatureRow row)
    {
        if (Rows++ == 0)
            _first = row.Bar.OpenTime;
        _last = row.Bar.OpenTime;
        WarmupRows += (row.Flags & FeatureRowFlags.Warmup) != 0 ? 1 : 0;
        RowsWithoutTrades += (row.Flags & FeatureRowFlags.NoTrades) != 0 ? 1 : 0;
        Restarts += (row.Flags & FeatureRowFlags.Restarted) != 0 ? 1 : 0;
        ReadOnlySpan<MissingReason> reasons = row.Reasons;
        for (int i = 0; i < reasons.Length; i++)
            _missing[i * ReasonCount + (int)reasons[i]]++;
    }
}
