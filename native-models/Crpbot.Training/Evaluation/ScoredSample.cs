using Crpbot.Messages;

namespace Crpbot.Training.Evaluation;

/// <summary>One calibrated answer beside what happened, and beside the truth where a simulator knows it (else NaN).</summary>
internal readonly record struct ScoredSample(UnixNanos Time, int Symbol, double ProbabilityUp, bool Up, double TrueProbabilityUp)
{
    /// <summary>Row of the newest Bar in its Instrument's rows.</summary>
    public int Row { get; init; } = -1;

    /// <summary>Change of the labelled price over the horizon, as a fraction of it; NaN where nobody asked.</summary>
    public double Return { get; init; } = double.NaN;

    public bool IsRight => ProbabilityUp >= 0.5 == Up;

    public double Confidence => Math.Max(ProbabilityUp, 1 - ProbabilityUp);
}
