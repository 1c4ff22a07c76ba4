using Crpbot.Messages;

namespace Crpbot.Training.Evaluation;

/// <summary>One calibrated answer beside what happened, and beside the truth where a simulator knows it (else NaN).</summary>
internal readonly record struct ScoredSample(UnixNanos Time, int Symbol, double ProbabilityUp, bool Up, double TrueProbabilityUp)
{
    public bool IsRight => ProbabilityUp >= 0.5 == Up;

    public double Confidence => Math.Max(ProbabilityUp, 1 - ProbabilityUp);
}
