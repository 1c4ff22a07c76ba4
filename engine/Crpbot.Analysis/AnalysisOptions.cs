namespace Crpbot.Analysis;

/// <summary>How a feature analysis runs. Every default is explained.</summary>
public sealed record AnalysisOptions
{
    /// <summary>Bars ahead that are asked about, ascending. Default: those of the label definition.</summary>
    public IReadOnlyList<int> Horizons { get; init; } = [1, 5, 15, 30, 60];

    /// <summary>Equal seeds give equal reports.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Bootstrap replicates: 500 place the ends of a 95 % interval within about a tenth of its width.</summary>
    public int Replicates { get; init; } = 500;

    /// <summary>Shifted copies that say how much mutual information chance gives; the smallest p is one in so many, plus one.</summary>
    public int Shifts { get; init; } = 200;

    /// <summary>Look at the 33 candle features only.</summary>
    public bool CandleOnly { get; init; }

    /// <summary>Parts of the time axis for stability.</summary>
    public int Periods { get; init; } = 10;

    /// <summary>Walk-forward test folds; training is everything before a fold, purged.</summary>
    public int Folds { get; init; } = 4;

    /// <summary>Share of the time axis before the first test fold.</summary>
    public double FirstTraining { get; init; } = 0.4;

    /// <summary>Bars between the last training label's end and the test fold: the length of a model's sequence.</summary>
    public int EmbargoBars { get; init; } = 60;

    /// <summary>Mean |Spearman| from which two features say the same.</summary>
    public double ClusterThreshold { get; init; } = 0.9;

    /// <summary>|Spearman| or |2·AUC − 1| from which a feature is taken for the label itself: nine in ten right, which no market gives.</summary>
    public double LeakThreshold { get; init; } = 0.8;

    /// <summary>Samples the models see at most, by taking every n-th minute: neighbours share nearly everything.</summary>
    public int ModelSamples { get; init; } = 250_000;

    /// <summary>Rows a model learns from at most, in each fold.</summary>
    public int TrainingRows { get; init; } = 60_000;

    /// <summary>The same for mutual information and for the correlations of features with one another.</summary>
    public int DependenceSamples { get; init; } = 200_000;

    /// <summary>The horizon that the single-horizon parts look at: 15 where it is asked for, else the middle one.</summary>
    internal int MainHorizon => Horizons.Contains(15) ? 15 : Horizons[Horizons.Count / 2];

    /// <summary>Length of a bootstrap block in minutes: four labels, an hour at least, so that what overlaps stays together.</summary>
    internal static int BlockMinutes(int horizonBars) => Math.Max(60, 4 * horizonBars);

    /// <exception cref="ArgumentException">A value is out of range.</exception>
    internal AnalysisOptions Checked()
    {
        if (Horizons.Count == 0 || Horizons.Any(h => h is < 1 or > 1_440) || !Horizons.SequenceEqual(Horizons.Distinct().Order()))
            throw new ArgumentException($"horizons {string.Join(",", Horizons)} are not ascending numbers of bars from 1 to 1440");
        if (Replicates < 20 || Shifts < 20 || Periods < 2 || Folds < 1 || FirstTraining is not (> 0 and < 1) || EmbargoBars < 0)
            throw new ArgumentException("an analysis needs at least 20 replicates and shifts, 2 periods, 1 fold and a training share between 0 and 1");
        return this;
    }
}
