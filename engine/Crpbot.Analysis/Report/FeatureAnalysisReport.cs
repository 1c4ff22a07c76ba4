using Crpbot.Analysis.Models;
using Crpbot.Analysis.Statistics;

namespace Crpbot.Analysis;

/// <summary>What features say about the next Bars, and how sure one may be. Intervals are 95 %, from blocks of time.</summary>
public sealed record FeatureAnalysisReport
{
    /// <summary>The dataset's own words.</summary>
    public required string Source { get; init; }

    public required int SchemaVersion { get; init; }

    public required string SchemaHash { get; init; }

    /// <summary><c>mid</c> or <c>close</c>: whose return is the target.</summary>
    public required string Label { get; init; }

    public required IReadOnlyList<string> Symbols { get; init; }

    /// <summary>Rows of the dataset, and those of them that a Prediction may read.</summary>
    public required long Rows { get; init; }

    public required long UsedRows { get; init; }

    /// <summary>Open times of the first and last used row.</summary>
    public required string From { get; init; }

    public required string To { get; init; }

    public required int Seed { get; init; }

    public required int Replicates { get; init; }

    public required int Shifts { get; init; }

    public required IReadOnlyList<HorizonReport> Horizons { get; init; }

    /// <summary>In the order of the schema.</summary>
    public required IReadOnlyList<FeatureReport> Features { get; init; }

    /// <summary>Features that no row holds.</summary>
    public required IReadOnlyList<string> Absent { get; init; }

    public required TestCounts Correlations { get; init; }

    public required TestCounts Information { get; init; }

    /// <summary>Features that look like the label itself.</summary>
    public required IReadOnlyList<LeakReport> Leaks { get; init; }

    /// <summary>The horizon of stability and importance.</summary>
    public required int MainHorizon { get; init; }

    /// <summary>Open time of each stability period's first row.</summary>
    public required IReadOnlyList<string> PeriodStarts { get; init; }

    public required double ClusterThreshold { get; init; }

    /// <summary>All groups, single features too.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Clusters { get; init; }

    /// <summary>Spearman between features, in the order of <see cref="Features"/>.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> FeatureCorrelations { get; init; }

    public required IReadOnlyList<BaselineReport> Baselines { get; init; }

    /// <summary>What the microstructure features add to the candle features, out of sample.</summary>
    public required IReadOnlyList<GainReport> Gains { get; init; }

    public required IReadOnlyList<ImportanceReport> Importance { get; init; }

    /// <summary>The findings in words, most important first.</summary>
    public IReadOnlyList<string> Findings { get; init; } = [];
}

/// <summary>One horizon's samples.</summary>
/// <param name="Bars">Ahead.</param>
/// <param name="Samples">Rows with a label.</param>
/// <param name="EffectiveSamples">Without those that overlap an earlier label of the same symbol.</param>
/// <param name="ShareUp">Of the samples.</param>
/// <param name="MeanMoveBps">Mean |return|.</param>
/// <param name="BlockMinutes">Bootstrap block.</param>
/// <param name="Blocks">How many.</param>
/// <param name="BreakEvenAt1Bp">Accuracy that pays for 1 bp of costs a round trip; above 1 where none does.</param>
/// <param name="BreakEvenAt6Bps">The same for 6.5 bps.</param>
public sealed record HorizonReport(
    int Bars, int Samples, int EffectiveSamples, double ShareUp, double MeanMoveBps, int BlockMinutes, int Blocks, double BreakEvenAt1Bp, double BreakEvenAt6Bps);

/// <summary>One feature.</summary>
/// <param name="Group"><c>candle</c> or <c>microstructure</c>.</param>
/// <param name="MissingShare">Of the used rows.</param>
/// <param name="Cluster">Index of its group.</param>
/// <param name="Horizons">One entry a horizon.</param>
/// <param name="PeriodCorrelations">Spearman in each stability period.</param>
/// <param name="SignConsistency">Share of the periods with the sign of the whole.</param>
/// <param name="StabilityIndex">Between the first and the last third of the time.</param>
public sealed record FeatureReport(
    string Name, string Group, double MissingShare, int Cluster, IReadOnlyList<AssociationReport> Horizons,
    IReadOnlyList<double> PeriodCorrelations, double SignConsistency, double StabilityIndex);

/// <summary>A feature against a return; NaN where the feature is constant.</summary>
/// <param name="Samples">With feature and label.</param>
/// <param name="PearsonQ">Benjamini–Hochberg over all features and horizons.</param>
/// <param name="Auc">Of the feature alone for the direction.</param>
public sealed record AssociationReport(
    int Bars, int Samples, Estimate Pearson, double PearsonP, double PearsonQ, Estimate Spearman, double SpearmanP, double SpearmanQ, double Auc,
    InformationEstimate Information, double InformationQ);

/// <summary>How many tests came out small, and how many would by chance.</summary>
/// <param name="Tests">Features × horizons that could be tested.</param>
/// <param name="BelowFivePercent">With p under 0.05.</param>
/// <param name="ExpectedByChance">So many would be, if nothing were there.</param>
/// <param name="Discoveries">With q under 0.05.</param>
public sealed record TestCounts(int Tests, int BelowFivePercent, double ExpectedByChance, int Discoveries);

/// <summary>A feature that is the label, or nearly.</summary>
public sealed record LeakReport(string Name, int Bars, double Spearman, double Auc);

/// <summary>One baseline, walk-forward.</summary>
/// <param name="Features"><c>candle</c> or <c>all</c>.</param>
/// <param name="Samples">Tested on, over all folds.</param>
/// <param name="OverAlwaysUp">Accuracy less that of always saying up.</param>
public sealed record BaselineReport(
    int Bars, string Features, BaselineKind Model, int Folds, int Samples, Estimate Accuracy, Estimate Auc, Estimate LogLoss, Estimate AlwaysUp, Estimate OverAlwaysUp);

/// <summary>All features less candle features; a log loss below 0 is a gain.</summary>
public sealed record GainReport(int Bars, BaselineKind Model, Estimate Accuracy, Estimate Auc, Estimate LogLoss);

/// <summary>Rise of the out-of-sample log loss when a feature's values are shuffled among the test rows.</summary>
public sealed record ImportanceReport(BaselineKind Model, int Bars, int Samples, IReadOnlyList<FeatureImportance> Features);

/// <param name="LossIncrease">In nats; its interval holds 0 where the model does not use the feature to advantage.</param>
public sealed record FeatureImportance(string Name, Estimate LossIncrease);
