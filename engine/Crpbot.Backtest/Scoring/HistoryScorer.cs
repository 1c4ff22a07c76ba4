using Crpbot.Datasets;
using Crpbot.Features;
using Crpbot.Inference;
using Crpbot.Messages;

namespace Crpbot.Backtest.Scoring;

/// <summary>What a model said at every Bar of one Instrument's history.</summary>
/// <param name="ProbabilityUp">NaN where it said nothing.</param>
/// <param name="Statuses">Bars by <see cref="PredictionStatus"/>.</param>
public sealed record ScoredHistory(double[] ProbabilityUp, IReadOnlyList<long> Statuses);

/// <summary>Asks a model about whole histories in batches. The window's rules are the live ones: the same class says when it may speak.</summary>
public static class HistoryScorer
{
    private const int Batch = 32;

    /// <summary>Scores Instruments in parallel; the answers do not depend on it.</summary>
    /// <param name="package">Verified.</param>
    /// <param name="dataset">Its rows of one Instrument ascend.</param>
    /// <param name="rowsOf">For each Instrument, its rows of the dataset in order.</param>
    /// <param name="from">Earlier rows only fill the window: nothing is said of them and they are not counted.</param>
    /// <param name="to">Exclusive; later rows are not looked at.</param>
    /// <param name="progress">Told how many Bars are done; null for silence.</param>
    public static ScoredHistory[] Score(ModelPackage package, FeatureDataset dataset, IReadOnlyList<int[]> rowsOf, UnixNanos from, UnixNanos to, Action<long>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(package);
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(rowsOf);
        IReadOnlyList<InputRows> inputs = FeatureInputs.FromValues(dataset);
        var scored = new ScoredHistory[rowsOf.Count];
        long done = 0;
        var gate = new Lock();
        Parallel.For(0, scored.Length, i => scored[i] = Score(package, dataset, rowsOf[i], inputs[i], (from, to), bars =>
        {
            lock (gate)
                progress?.Invoke(done += bars);
        }));
        return scored;
    }

    private static ScoredHistory Score(ModelPackage package, FeatureDataset dataset, int[] rows, InputRows inputs, (UnixNanos From, UnixNanos To) span, Action<int> done)
    {
        using OnnxModel model = package.CreateBatch(Batch);
        var window = new SequenceWindow(package);
        var up = new double[rows.Length];
        Array.Fill(up, double.NaN);
        var statuses = new long[Enum.GetValues<PredictionStatus>().Length];
        var reasons = new MissingReason[FeatureSchema.Count];
        var waiting = new List<int>(Batch);
        int size = model.SequenceLength * model.Features;
        for (int r = 0; r < rows.Length && inputs.Times[r] < span.To; r++)
        {
            if ((r + 1) % 1024 == 0)
                done(1024);
            for (int feature = 0; feature < reasons.Length; feature++)
                reasons[feature] = (MissingReason)dataset.Missing[feature][rows[r]];
            ReadOnlySpan<double> row = inputs.Inputs.AsSpan(r * FeatureSchema.Count, FeatureSchema.Count);
            window.Push(inputs.Times[r], row, reasons, (inputs.Flags[r] & FeatureRowFlags.Warmup) != 0);
            if (inputs.Times[r] < span.From)
                continue;
            PredictionStatus status = window.Status;
            if (status == PredictionStatus.Ok)
            {
                window.Values.CopyTo(model.Input.Slice(waiting.Count * size, size));
                waiting.Add(r);
                if (waiting.Count == Batch)
                    Answer();
            }
            else
            {
                statuses[(int)status]++;
            }
        }

        Answer();
        return new ScoredHistory(up, statuses);

        void Answer()
        {
            if (waiting.Count == 0)
                return;
            model.Run();
            for (int i = 0; i < waiting.Count; i++)
            {
                double probability = package.Manifest.Calibration.Apply(model.Output[i]);
                bool usable = probability is >= 0 and <= 1;
                if (usable)
                    up[waiting[i]] = probability;
                statuses[(int)(usable ? PredictionStatus.Ok : PredictionStatus.NotANumber)]++;
            }

            waiting.Clear();
        }
    }
}
