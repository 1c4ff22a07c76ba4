using System.Text.Json.Serialization;

namespace Crpbot.Inference;

/// <summary>Which map turns the raw score into a probability.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CalibrationKind>))]
public enum CalibrationKind
{
    /// <summary>P(up) = 1 / (1 + exp(−(A·score + B))).</summary>
    Platt,

    /// <summary>Linear between the points of a non-decreasing table, flat outside it.</summary>
    Isotonic,
}

/// <summary>The map from raw score (logit) to P(up), fitted on a slice the network never trained on. Nothing touches P(up) afterwards.</summary>
/// <remarks>Immutable; <see cref="Apply"/> allocates nothing. Source: Platt (1999), Probabilistic Outputs for Support Vector Machines.</remarks>
public sealed record Calibration
{
    public required CalibrationKind Kind { get; init; }

    /// <summary>Platt: slope. Above 0: a calibrator never turns an opinion around.</summary>
    public double A { get; init; }

    /// <summary>Platt: offset.</summary>
    public double B { get; init; }

    /// <summary>Isotonic: strictly increasing scores.</summary>
    public double[] Scores { get; init; } = [];

    /// <summary>Isotonic: P(up) at each score, non-decreasing.</summary>
    public double[] Probabilities { get; init; } = [];

    /// <summary>The score itself, through the logistic function.</summary>
    public static Calibration Identity { get; } = new() { Kind = CalibrationKind.Platt, A = 1, B = 0 };

    /// <summary>Maps a raw score to P(up); NaN gives NaN.</summary>
    public double Apply(double score) => Kind == CalibrationKind.Platt ? 1 / (1 + Math.Exp(-(A * score + B))) : Interpolate(score);

    /// <summary>Names the first thing that makes this no calibrator, or null.</summary>
    public string? FindFault()
    {
        if (Kind == CalibrationKind.Platt)
            return double.IsFinite(A) && double.IsFinite(B) && A > 0 ? null : $"a = {A}, b = {B}: expected finite numbers and a above 0";
        if (Scores.Length < 2 || Scores.Length != Probabilities.Length)
            return $"{Scores.Length} scores and {Probabilities.Length} probabilities: expected at least 2, as many of each";
        for (int i = 0; i < Scores.Length; i++)
        {
            if (!double.IsFinite(Scores[i]) || !(Probabilities[i] is >= 0 and <= 1))
                return $"point {i} is ({Scores[i]}, {Probabilities[i]}): expected a finite score and a probability";
            if (i > 0 && (Scores[i] <= Scores[i - 1] || Probabilities[i] < Probabilities[i - 1]))
                return $"point {i} breaks the rising order";
        }

        return null;
    }

    private double Interpolate(double score)
    {
        if (double.IsNaN(score))
            return double.NaN;
        int upper = Array.BinarySearch(Scores, score);
        if (upper >= 0)
            return Probabilities[upper];
        upper = ~upper;
        if (upper == 0)
            return Probabilities[0];
        if (upper == Scores.Length)
            return Probabilities[^1];
        double share = (score - Scores[upper - 1]) / (Scores[upper] - Scores[upper - 1]);
        return Probabilities[upper - 1] + share * (Probabilities[upper] - Probabilities[upper - 1]);
    }
}
