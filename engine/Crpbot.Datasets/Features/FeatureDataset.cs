using Crpbot.Features;
using Crpbot.Messages;

namespace Crpbot.Datasets;

/// <summary>Names of the columns and of the file's metadata. Source: contracts, “Feature dataset”.</summary>
/// <remarks>The price column <c>close</c> and the feature <c>close</c> are the same number, hence one column.</remarks>
public static class FeatureDatasetSchema
{
    public const string Time = "time";
    public const string Symbol = "symbol";
    public const string EndBid = "end_bid";
    public const string EndAsk = "end_ask";
    public const string Flags = "flags";
    public const string MissingSuffix = "_missing";

    /// <summary>Only in simulated datasets: the simulator's own P(up), NaN where it does not know.</summary>
    public const string TrueProbabilityUp = "true_probability_up";

    public const string VersionKey = "crpbot.schema_version";
    public const string HashKey = "crpbot.schema_hash";
    public const string SourceKey = "crpbot.source";

    /// <summary>Bars over which <see cref="TrueProbabilityUp"/> is meant.</summary>
    public const string TrueHorizonKey = "crpbot.true_probability_horizon";
}

/// <summary>A feature dataset in memory, column by column; row i of every column is one Bar.</summary>
public sealed class FeatureDataset
{
    /// <summary>Bar open times.</summary>
    public required UnixNanos[] Times { get; init; }

    /// <summary><c>venue:SYMBOL</c>.</summary>
    public required string[] Symbols { get; init; }

    /// <summary>Last trade price: the feature <c>close</c>.</summary>
    public double[] Close => Values[FeatureIndex.Close];

    /// <summary>Best bid at the Bar's end; NaN without a valid book.</summary>
    public required double[] EndBid { get; init; }

    /// <summary>Best ask at the Bar's end; NaN without a valid book.</summary>
    public required double[] EndAsk { get; init; }

    /// <summary>Feature by feature, in schema order: stored values, not inputs.</summary>
    public required double[][] Values { get; init; }

    /// <summary>Feature by feature; 0 present, else the <see cref="MissingReason"/>.</summary>
    public required byte[][] Missing { get; init; }

    public required FeatureRowFlags[] Flags { get; init; }

    /// <summary>Null when the file has none.</summary>
    public double[]? TrueProbabilityUp { get; init; }

    /// <summary>0 when the file has no true probability.</summary>
    public int TrueHorizonBars { get; init; }

    /// <summary>Where the rows came from, in words.</summary>
    public required string Source { get; init; }

    public int Count => Times.Length;
}
