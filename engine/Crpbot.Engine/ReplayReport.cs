using System.Text.Json;
using System.Text.Json.Serialization;
using Crpbot.Telemetry;

namespace Crpbot.Engine;

/// <summary>What a replay did, as one JSON document. Source: the replay report contract.</summary>
public sealed class ReplayReport
{
    /// <summary>Input messages, REST snapshots included.</summary>
    public long Frames { get; set; }

    /// <summary>MarketEvents published.</summary>
    public long Events { get; set; }
    public long Trades { get; set; }
    public long BookDeltas { get; set; }
    public long Timers { get; set; }
    public long Gaps { get; set; }

    /// <summary>Deltas before their snapshot and the like.</summary>
    public long Dropped { get; set; }

    /// <summary>Messages of a type nobody reads.</summary>
    public long Unknown { get; set; }

    /// <summary>Malformed, or not representable.</summary>
    public long Refused { get; set; }
    public long LateEvents { get; set; }
    public long Bytes { get; set; }
    public long Bars { get; set; }
    public long FeatureRows { get; set; }
    public long Predictions { get; set; }
    public long Signals { get; set; }
    public long Orders { get; set; }
    public long Fills { get; set; }

    /// <summary>Risk refusals by reason.</summary>
    public SortedDictionary<string, long> Refusals { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Null when the pipeline stops before orders.</summary>
    public decimal? Equity { get; set; }

    /// <summary>First byte to last decision.</summary>
    public double Seconds { get; set; }
    public double EventsPerSecond { get; set; }
    public double FramesPerSecond { get; set; }

    /// <summary>All pipeline threads, after warm-up.</summary>
    public long AllocatedBytes { get; set; }
    public int Gen0 { get; set; }
    public string DecisionHash { get; set; } = "";
    public SortedDictionary<string, InstrumentReport> Instruments { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Nanoseconds, by stage.</summary>
    public Dictionary<string, LatencyFigures> Latency { get; set; } = [];

    /// <summary>With <c>--repeat</c> above 1 only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public List<ReplayPass>? Passes { get; set; }


    /// <summary>What a person should know before believing the figures: damage, clamped clocks, warm-up that never ended.</summary>
    public List<string> Warnings { get; set; } = [];

    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.ReplayReport);
}

/// <summary>Best prices at the end, decimal text; null where the book was not readable.</summary>
public sealed record InstrumentReport(string? BestBid, string? BestAsk, long Bars);

/// <summary>One pass of <c>--repeat</c>.</summary>
public sealed record ReplayPass(double Seconds, long AllocatedBytes, int Gen0, string DecisionHash);

/// <summary>Percentiles of one stage, nanoseconds.</summary>
public sealed record LatencyFigures(long P50, long P90, long P99, long P999, long P9999, long Max, long Count)
{
    internal static LatencyFigures Of(LatencyHistogram stage)
    {
        LatencySnapshot figures = stage.Summarize();
        return new LatencyFigures(figures.P50, figures.P90, figures.P99, figures.P999, figures.P9999, figures.Max, figures.Count);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ReplayReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
