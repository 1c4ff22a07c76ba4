using Crpbot.Training.Learning;
using Crpbot.Training.Onnx;

namespace Crpbot.Training.Packaging;

/// <summary>What a kind of model made of the training slice.</summary>
/// <param name="Architecture">For people: the kind and its sizes.</param>
/// <param name="Graph">The model as ONNX.</param>
/// <param name="ProbeLogits">What the trained model itself said to the first validation samples; the graph must say the same.</param>
/// <param name="Epochs">The way there; empty for kinds without epochs.</param>
internal sealed record TrainedModel(string Architecture, byte[] Graph, double[] ProbeLogits, IReadOnlyList<EpochReport> Epochs);

/// <summary>Trains one kind of model and exports it: the one door through which every kind becomes a graph.</summary>
internal abstract class ModelTrainer
{
    public static ModelTrainer Of(FitOptions options, Action<string> log, Action<double, string>? progress) => options.Architecture switch
    {
        ModelArchitecture.Logistic => new LogisticModelTrainer(),
        ModelArchitecture.LightGbm => new LightGbmModelTrainer(options.Trees),
        _ => new LstmModelTrainer(options.Training, log, progress),
    };

    /// <param name="source">Scaled sequences.</param>
    /// <param name="train">Samples to learn from.</param>
    /// <param name="validation">Samples that decide when to stop; never learned from.</param>
    /// <param name="featureHash">Travels in the graph.</param>
    public abstract TrainedModel Train(SequenceSource source, Sample[] train, Sample[] validation, string featureHash);
}

internal sealed class LogisticModelTrainer : ModelTrainer
{
    public override TrainedModel Train(SequenceSource source, Sample[] train, Sample[] validation, string featureHash)
    {
        LogisticWeights weights = LogisticTrainer.Train(source, train);
        double[] probe = [.. validation.Select(sample => weights.Score(source.LastRow(sample)))];
        return new TrainedModel($"logistic {source.Features}-1 on the newest bar", OnnxExporter.Export(weights, source.SequenceLength, featureHash), probe, []);
    }
}

internal sealed class LightGbmModelTrainer(LightGbmOptions options) : ModelTrainer
{
    public override TrainedModel Train(SequenceSource source, Sample[] train, Sample[] validation, string featureHash)
    {
        LightGbmResult result = LightGbmTrainer.Train(source, train, validation, options);
        string architecture = $"lightgbm {source.Features}, {result.Ensemble.Trees.Length} trees of at most {options.Leaves} leaves on the newest bar";
        return new TrainedModel(architecture, OnnxExporter.Export(result.Ensemble, source.SequenceLength, featureHash), result.ProbeLogits, []);
    }
}

internal sealed class LstmModelTrainer(LstmTrainingOptions options, Action<string> log, Action<double, string>? progress) : ModelTrainer
{
    public override TrainedModel Train(SequenceSource source, Sample[] train, Sample[] validation, string featureHash)
    {
        LstmTrainingResult trained = LstmTrainer.Train(source, train, validation, options, progress, epoch => log(
            $"epoch {epoch.Epoch}: loss {epoch.TrainLoss:0.0000}, validation loss {epoch.ValidationLoss:0.0000}, accuracy {epoch.ValidationAccuracy:0.0000}, rate {epoch.LearningRate:g3}{(epoch.Best ? ", best" : "")}"));
        string architecture = $"lstm {source.Features}-{string.Join('-', Enumerable.Repeat(options.Hidden, options.Layers))}-1";
        return new TrainedModel(architecture, OnnxExporter.Export(trained.Weights, source.SequenceLength, featureHash), [.. trained.ProbeLogits], trained.Epochs);
    }
}
