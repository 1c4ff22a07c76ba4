using Crpbot.Inference;

namespace Crpbot.Training.Evaluation;

/// <summary>Samples where the model was at least this confident: all figures of one row.</summary>
internal sealed record TierReport(double Confidence, long N, double? Accuracy, double[]? AccuracyInterval);

/// <summary>Everything <c>evaluate</c> says of a package. Rates and confidences are fractions, intervals are [low, high] of 95 %.</summary>
/// <remarks>The names of its properties are those of the JSON document.</remarks>
internal sealed record ModelReport
{
    public required string Model { get; init; }

    public required string Version { get; init; }

    public required string Architecture { get; init; }

    public required string Data { get; init; }

    public required string DataSha256 { get; init; }

    /// <summary>The data is what the model learned from, and only its locked slice was scored.</summary>
    public required bool LockedSliceOfTrainingData { get; init; }

    /// <summary>How often the locked slice was looked at, the fit and this time included; null for other data, and where it could not be counted.</summary>
    public int? LockedOpened { get; init; }

    /// <summary>Open time of the first and of the last sample's newest Bar.</summary>
    public required string From { get; init; }

    public required string To { get; init; }

    public required LabelKind Label { get; init; }

    public required int HorizonBars { get; init; }

    public required long N { get; init; }

    /// <summary>Samples whose labels do not overlap.</summary>
    public required long NEffective { get; init; }

    /// <summary>Rows whose price did not change: no sample for accuracy, but a trade that pays its costs.</summary>
    public required long NFlat { get; init; }

    public required double ShareUp { get; init; }

    public required double Accuracy { get; init; }

    public required double[] AccuracyInterval { get; init; }

    /// <summary>Of up.</summary>
    public required double Precision { get; init; }

    public required double Recall { get; init; }

    public required double F1 { get; init; }

    /// <summary>Mean of the F1 of up and of down: a model that always says up has one of these at 0.</summary>
    public required double MacroF1 { get; init; }

    public required double Auc { get; init; }

    public required double[] AucInterval { get; init; }

    public required double Brier { get; init; }

    public required double[] BrierInterval { get; init; }

    public required double LogLoss { get; init; }

    public required double[] LogLossInterval { get; init; }

    /// <summary>15 equal-mass bins of P(up).</summary>
    public required double Ece { get; init; }

    public required double[] EceInterval { get; init; }

    /// <summary>Mean of max(p, 1 − p) of the simulator's own probability; null for real markets.</summary>
    public double? BayesAccuracy { get; init; }

    public double? ShareOfBayes { get; init; }

    public double[]? ShareOfBayesInterval { get; init; }

    /// <summary>PASS, TUNE or INVESTIGATE, by the plan's own thresholds.</summary>
    public required string Verdict { get; init; }

    public required string[] VerdictReasons { get; init; }

    /// <summary>GO where the interval of the net value a trade lies above 0, else NO-GO.</summary>
    public required string NetVerdict { get; init; }

    public required NetValue Net { get; init; }

    public required TierReport[] Tiers { get; init; }

    public required Confusion Confusion { get; init; }

    public required Breakdown By { get; init; }

    public required ReliabilityBin[] Reliability { get; init; }

    public required LearningEpoch[] LearningCurve { get; init; }

    /// <summary>Samples that the importance was measured on; 0 where it was not asked for.</summary>
    public required int ImportanceSamples { get; init; }

    public required FeatureImportance[] Importance { get; init; }

    /// <summary>Features that alone tell the label better than a market lets one; there should be none.</summary>
    public required FeatureLeak[] Leaks { get; init; }

    public required FeatureDrift[] FeatureDrift { get; init; }

    public required CalibrationStretch[] CalibrationDrift { get; init; }

    public PairedComparison? Baseline { get; init; }

    public PairedComparison? Previous { get; init; }

    /// <summary>What a reader must know beside the figures.</summary>
    public required string[] Notes { get; init; }
}

/// <summary>What is asked of a report.</summary>
internal sealed record JudgeOptions
{
    /// <summary>Take a sample every so many minutes.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>Round trip; FTMO's crypto by default.</summary>
    public double CostBps { get; init; } = 6.5;

    /// <summary>Least confidence of a trade; the engine trades from its medium tier on.</summary>
    public double TradeConfidence { get; init; } = 0.65;

    /// <summary>Samples that permutation importance is measured on; 0 leaves it out.</summary>
    public int ImportanceSamples { get; init; } = 512;

    /// <summary>Folder of the package to compare with; null for none.</summary>
    public string? Previous { get; init; }
}
