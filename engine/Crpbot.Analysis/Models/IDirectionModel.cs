namespace Crpbot.Analysis.Models;

/// <summary>A fitted model of the direction.</summary>
internal interface IDirectionModel
{
    /// <summary>P(up) of one scaled row. Any thread.</summary>
    double ProbabilityUp(ReadOnlySpan<float> row);
}

/// <summary>The baselines that are tried.</summary>
public enum BaselineKind
{
    /// <summary>Logistic regression on the newest Bar.</summary>
    Logistic = 0,

    /// <summary>Gradient-boosted trees (LightGBM).</summary>
    Trees = 1,
}

internal static class Baselines
{
    public static IDirectionModel Fit(BaselineKind kind, ModelRows rows, int seed) =>
        kind == BaselineKind.Logistic ? LogisticModel.Fit(rows) : BoostedTrees.Fit(rows, seed);
}
