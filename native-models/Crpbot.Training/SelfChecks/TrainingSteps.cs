using Crpbot.Datasets;
using Crpbot.Training.Evaluation;
using Crpbot.Training.Learning;

namespace Crpbot.Training.SelfChecks;

/// <summary>The steps from rows to answers, as training takes them. Tests replace one by a defective one: then its check must fail.</summary>
internal sealed record TrainingSteps
{
    /// <summary>What a table becomes before samples are taken of it: nothing else than itself.</summary>
    public Func<TrainingTable, TrainingTable> Align { get; init; } = table => table;

    public Func<SequenceSource, Sample[], Sample[], LstmTrainingOptions, LstmWeights> TrainLstm { get; init; } =
        (source, train, validation, options) => LstmTrainer.Train(source, train, validation, options).Weights;

    public Func<SequenceSource, Sample[], LogisticWeights> TrainLogistic { get; init; } = (source, train) => LogisticTrainer.Train(source, train);

    /// <summary>One logit a sample.</summary>
    public Func<LstmWeights, SequenceSource, Sample[], double[]> Score { get; init; } = ScoreLstm;

    public Func<TrainingTable, Sample[], FeatureLeak[]> FindLeaks { get; init; } = LeakCheck.Find;

    public Func<CandleSeries, InputRows> CandleFeatures { get; init; } = CandleFeatureRows.FromCandles;

    private static double[] ScoreLstm(LstmWeights weights, SequenceSource source, Sample[] samples)
    {
        var sequence = new float[source.SequenceLength * source.Features];
        var scores = new double[samples.Length];
        for (int i = 0; i < scores.Length; i++)
        {
            source.Gather(samples.AsSpan(i, 1), sequence);
            scores[i] = ReferenceLstm.Evaluate(weights, sequence);
        }

        return scores;
    }
}
