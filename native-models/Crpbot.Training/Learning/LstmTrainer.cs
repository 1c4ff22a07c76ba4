using Crpbot.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Crpbot.Training.Learning;

/// <summary>How the network is trained. The defaults are those of the shipped models.</summary>
internal sealed record LstmTrainingOptions
{
    public int Hidden { get; init; } = 128;

    public int Layers { get; init; } = 2;

    public double Dropout { get; init; } = 0.3;

    public double LearningRate { get; init; } = 5e-4;

    public int BatchSize { get; init; } = 64;

    public int Epochs { get; init; } = 8;

    /// <summary>Random training samples an epoch looks at; 0 is all. Smaller epochs mean more looks at the validation slice.</summary>
    public int SamplesPerEpoch { get; init; }

    /// <summary>Gradients longer than this are shortened to it.</summary>
    public double GradientNormMax { get; init; } = 1;

    /// <summary>Epochs without a better validation loss before the learning rate is halved.</summary>
    public int PlateauEpochs { get; init; } = 1;

    /// <summary>Epochs without a better validation loss before training ends.</summary>
    public int PatienceEpochs { get; init; } = 3;

    public int Seed { get; init; } = 1;
}

/// <summary>One epoch's outcome.</summary>
internal readonly record struct EpochReport(int Epoch, double TrainLoss, double ValidationLoss, double ValidationAccuracy, double LearningRate, bool Best);

/// <summary>The weights of the best epoch, what torch said with them to the first validation samples, and the way there.</summary>
internal sealed record LstmTrainingResult(LstmWeights Weights, float[] ProbeLogits, IReadOnlyList<EpochReport> Epochs);

/// <summary>Trains the LSTM: binary cross-entropy on logits (one sigmoid, in the loss), Adam, clipped gradients, early stopping.</summary>
internal static class LstmTrainer
{
    /// <summary>Validation samples whose logits are kept for the parity check of the export.</summary>
    public const int ProbeSamples = 64;

    /// <param name="source">Scaled sequences.</param>
    /// <param name="train">Samples to learn from.</param>
    /// <param name="validation">Samples that decide when to stop; never learned from.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told the share of the run done and a line to show.</param>
    /// <param name="epochEnded">Told each epoch.</param>
    public static LstmTrainingResult Train(
        SequenceSource source, Sample[] train, Sample[] validation, LstmTrainingOptions options,
        Action<double, string>? progress = null, Action<EpochReport>? epochEnded = null)
    {
        TorchRuntime.Prepare();
        return TrainPrepared(source, train, validation, options, progress, epochEnded);
    }

    private static LstmTrainingResult TrainPrepared(
        SequenceSource source, Sample[] train, Sample[] validation, LstmTrainingOptions options,
        Action<double, string>? progress, Action<EpochReport>? epochEnded)
    {
        manual_seed(options.Seed);
        var random = new Random(options.Seed);
        using var network = new LstmNetwork(new LstmShape(source.Features, options.Hidden, options.Layers, options.Dropout));
        using var optimizer = optim.Adam(network.parameters(), lr: options.LearningRate);
        int perEpoch = options.SamplesPerEpoch > 0 ? Math.Min(options.SamplesPerEpoch, train.Length) : train.Length;
        Sample[] order = [.. train];
        var reports = new List<EpochReport>();
        LstmWeights? best = null;
        float[] probe = [];
        double bestLoss = double.PositiveInfinity;
        double rate = options.LearningRate;
        int sinceBest = 0;
        for (int epoch = 1; epoch <= options.Epochs && sinceBest < options.PatienceEpochs; epoch++)
        {
            random.Shuffle(order);
            double loss = RunEpoch(network, optimizer, source, order.AsSpan(0, perEpoch), options, (share, text) =>
                progress?.Invoke((epoch - 1 + share) / options.Epochs, $"epoch {epoch} of {options.Epochs}, {text}"));
            (double validationLoss, double accuracy, float[] logits) = Score(network, source, validation);
            bool isBest = validationLoss < bestLoss;
            var report = new EpochReport(epoch, loss, validationLoss, accuracy, rate, isBest);
            reports.Add(report);
            epochEnded?.Invoke(report);
            if (isBest)
            {
                (best, probe, bestLoss, sinceBest) = (network.CopyWeights(), logits[..Math.Min(ProbeSamples, logits.Length)], validationLoss, 0);
                continue;
            }

            if (++sinceBest % options.PlateauEpochs == 0)
            {
                rate /= 2;
                foreach (var group in optimizer.ParamGroups)
                    group.LearningRate = rate;
            }
        }

        return new LstmTrainingResult(best ?? throw new InvalidDataException("training diverged: the validation loss was never a number"), probe, reports);
    }

    private static double RunEpoch(
        LstmNetwork network, optim.Optimizer optimizer, SequenceSource source, ReadOnlySpan<Sample> samples,
        LstmTrainingOptions options, Action<double, string> progress)
    {
        network.train();
        using var lossFunction = nn.BCEWithLogitsLoss();
        double sum = 0;
        for (int at = 0; at < samples.Length; at += options.BatchSize)
        {
            ReadOnlySpan<Sample> batch = samples[at..Math.Min(at + options.BatchSize, samples.Length)];
            using DisposeScope scope = NewDisposeScope();
            (Tensor input, Tensor target) = ToTensors(source, batch);
            optimizer.zero_grad();
            Tensor loss = lossFunction.call(network.call(input), target);
            loss.backward();
            nn.utils.clip_grad_norm_(network.parameters(), options.GradientNormMax);
            optimizer.step();
            sum += loss.item<float>() * (double)batch.Length;
            int done = at + batch.Length;
            progress((double)done / samples.Length, $"loss {sum / done:0.0000}");
        }

        return sum / samples.Length;
    }

    private static (double Loss, double Accuracy, float[] Logits) Score(LstmNetwork network, SequenceSource source, Sample[] samples)
    {
        network.eval();
        using var gradients = no_grad();
        var logits = new float[samples.Length];
        double loss = 0;
        int right = 0;
        for (int at = 0; at < samples.Length; at += 256)
        {
            ReadOnlySpan<Sample> batch = samples.AsSpan(at, Math.Min(256, samples.Length - at));
            using DisposeScope scope = NewDisposeScope();
            float[] scores = network.call(ToTensors(source, batch).Input).data<float>().ToArray();
            scores.CopyTo(logits, at);
            for (int i = 0; i < scores.Length; i++)
            {
                double signed = batch[i].Up ? scores[i] : -scores[i];
                loss += signed > 0 ? Math.Log(1 + Math.Exp(-signed)) : Math.Log(1 + Math.Exp(signed)) - signed;
                right += signed > 0 ? 1 : 0;
            }
        }

        return (loss / samples.Length, (double)right / samples.Length, logits);
    }

    private static (Tensor Input, Tensor Target) ToTensors(SequenceSource source, ReadOnlySpan<Sample> batch)
    {
        var values = new float[batch.Length * source.SequenceLength * source.Features];
        source.Gather(batch, values);
        var labels = new float[batch.Length];
        for (int i = 0; i < labels.Length; i++)
            labels[i] = batch[i].Up ? 1 : 0;
        return (tensor(values, [batch.Length, source.SequenceLength, source.Features]), tensor(labels));
    }
}
