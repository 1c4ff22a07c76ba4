using Crpbot.Features;
using Crpbot.Messages;

namespace Crpbot.Inference;

/// <summary>Turns one Instrument's feature rows into Predictions.</summary>
/// <remarks>One owner thread, the package's. Allocates nothing after construction; a Prediction costs one window of the network.</remarks>
public sealed class Predictor(ModelPackage package, InstrumentId instrument)
{
    private readonly SequenceWindow _window = new(package);

    public ModelPackage Package { get; } = package;

    public InstrumentId Instrument { get; } = instrument;

    /// <summary>What <see cref="Predict"/> would say of the rows so far, without computing it.</summary>
    public PredictionStatus Status => _window.Status;

    /// <summary>Forgets every row.</summary>
    public void Reset() => _window.Reset();

    /// <summary>Appends a closed Bar's row; every row of the Instrument, also those no Prediction is wanted of.</summary>
    public void Push(FeatureRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        _window.Push(row.Bar.OpenTime, row.Inputs, row.Reasons, row.IsWarmup);
    }

    /// <summary>Appends the row and asks the model.</summary>
    /// <param name="row">Its Bar has just closed.</param>
    /// <param name="time">When, in market time.</param>
    public Prediction PushAndPredict(FeatureRow row, UnixNanos time)
    {
        Push(row);
        return Predict(row.Bar.OpenTime, time);
    }

    internal void Push(UnixNanos openTime, ReadOnlySpan<double> inputs, ReadOnlySpan<MissingReason> reasons, bool warmup) =>
        _window.Push(openTime, inputs, reasons, warmup);

    /// <summary>Asks the model about the rows pushed so far.</summary>
    /// <param name="barOpenTime">The last row's Bar.</param>
    /// <param name="time">When the Bar closed, in market time.</param>
    public Prediction Predict(UnixNanos barOpenTime, UnixNanos time)
    {
        var prediction = new Prediction
        {
            BarOpenTime = barOpenTime,
            Time = time,
            Instrument = Instrument,
            HorizonBars = Package.Manifest.Label.HorizonBars,
            ProbabilityUp = new ProbabilityUp(double.NaN),
            RawScore = double.NaN,
            Status = _window.Status,
        };
        if (prediction.Status != PredictionStatus.Ok)
            return prediction;

        OnnxModel model = Package.Model;
        _window.Values.CopyTo(model.Input);
        model.Run();
        double score = model.Output[0];
        double probability = Package.Manifest.Calibration.Apply(score);
        prediction.RawScore = score;
        if (probability is >= 0 and <= 1)
            prediction.ProbabilityUp = new ProbabilityUp(probability);
        else
            prediction.Status = PredictionStatus.NotANumber;
        return prediction;
    }
}
