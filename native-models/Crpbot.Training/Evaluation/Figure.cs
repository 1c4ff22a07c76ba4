using System.Text.Json.Serialization;

namespace Crpbot.Training.Evaluation;

/// <summary>A measured number and its 95 % interval.</summary>
internal readonly record struct Figure(double Value, double Low, double High)
{
    /// <summary>[low, high]</summary>
    [JsonIgnore]
    public double[] Interval => [Low, High];

    public override string ToString() => FormattableString.Invariant($"{Value:0.0000} [{Low:0.0000}, {High:0.0000}]");
}

/// <summary>Accuracy where the model was at least this confident.</summary>
internal sealed record TierFigures(double Confidence, long Samples, Figure? Accuracy);

/// <summary>Everything measured on one set of samples. Rates are fractions.</summary>
internal sealed record EvaluationReport
{
    public required long Samples { get; init; }

    /// <summary>Samples whose labels do not overlap.</summary>
    public required long EffectiveSamples { get; init; }

    public required double ShareUp { get; init; }

    public required Figure Accuracy { get; init; }

    public required Figure Brier { get; init; }

    public required Figure LogLoss { get; init; }

    /// <summary>15 equal-mass bins of P(up).</summary>
    public required Figure CalibrationError { get; init; }

    public required Figure Auc { get; init; }

    /// <summary>Mean of max(p, 1 − p) of the simulator's own probability; null for real markets.</summary>
    public double? BayesAccuracy { get; init; }

    /// <summary>Accuracy over the Bayes-optimal one.</summary>
    public Figure? ShareOfBayes { get; init; }

    public required TierFigures[] Tiers { get; init; }

    /// <summary>The plan's gate: PASS from 0.65, TUNE from 0.55, INVESTIGATE below.</summary>
    public string Gate => Accuracy.Value >= 0.65 ? "PASS" : Accuracy.Value >= 0.55 ? "TUNE" : "INVESTIGATE";
}
