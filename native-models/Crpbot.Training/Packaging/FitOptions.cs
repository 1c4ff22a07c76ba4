using Crpbot.Training.Learning;

namespace Crpbot.Training.Packaging;

/// <summary>Which kind of model is trained.</summary>
internal enum ModelArchitecture
{
    Lstm,
    Logistic,
    LightGbm,
}

/// <summary>Everything a fit is asked for. The defaults are those of the shipped models.</summary>
internal sealed record FitOptions
{
    public required string Name { get; init; }

    public required string Version { get; init; }

    public ModelArchitecture Architecture { get; init; }

    public SampleOptions Samples { get; init; } = new();

    public SplitShares Shares { get; init; } = new();

    public WalkForwardOptions Folds { get; init; } = new();

    /// <summary>Bars left out after every border; by default the sequence or the horizon, whichever is longer.</summary>
    public int EmbargoBars
    {
        get => field > 0 ? field : Math.Max(Samples.SequenceLength, Samples.HorizonBars);
        init;
    }

    public LstmTrainingOptions Training { get; init; } = new();

    public LightGbmOptions Trees { get; init; } = new();

    /// <summary>Of every random choice of the fit.</summary>
    public int Seed => Architecture == ModelArchitecture.LightGbm ? Trees.Seed : Training.Seed;

    /// <summary>How often other versions of this name opened the locked slice of the same data.</summary>
    public int EarlierOpenings { get; init; }

    /// <summary>Null check: labels are shuffled with this seed before the split.</summary>
    public int? ShuffleLabels { get; init; }
}
