using System.Diagnostics;
using Crpbot.Execution.Signals;
using Crpbot.Features;
using Crpbot.Inference;
using Crpbot.Messages;

namespace Crpbot.Engine.Stages;

/// <summary>Asks the model at each Bar's close and turns its calibrated answer into signals.</summary>
/// <remarks>History fills the windows and is not predicted on.</remarks>
internal sealed class PredictionStage(
    ModelPackage package, SignalGenerator generator, Lane<FeatureRow> rows, Lane<Prediction> predictions, Lane<Signal> signals) : IStage
{
    private readonly long[] _statuses = new long[Enum.GetValues<PredictionStatus>().Length];
    private Predictor?[] _predictors = new Predictor?[16];
    private long _read;

    public string Name => "prediction";

    /// <summary>Rows by what became of them, history left out.</summary>
    public ReadOnlySpan<long> Statuses => _statuses;

    public void OnEvent(ref TradingEvent e)
    {
        for (int i = 0; i < e.Rows; i++)
            OnRow(ref e, rows[_read++]);
        if (e.IsSampled && e.Rows > 0)
            e.PredictionStamp = Stopwatch.GetTimestamp();
    }

    public void Reset()
    {
        _read = 0;
        Array.Clear(_statuses);
        predictions.Reset();
        signals.Reset();
        generator.Reset();
        foreach (Predictor? predictor in _predictors)
            predictor?.Reset();
    }

    private void OnRow(ref TradingEvent e, FeatureRow row)
    {
        Predictor predictor = PredictorOf(row.Bar.Instrument);
        predictor.Push(row);
        if (e.IsHistory)
            return;
        Prediction prediction = predictor.Predict(row.Bar.OpenTime, e.Market.ReceiveTime);
        _statuses[(int)prediction.Status]++;
        if (prediction.Status != PredictionStatus.Ok)
            return;
        predictions.Claim() = prediction;
        predictions.Commit();
        e.Predictions++;
        if (!generator.OnPrediction(prediction, row.Bar.Close, row.Atr, out Signal signal))
            return;
        signals.Claim() = signal;
        signals.Commit();
        e.Signals++;
    }

    private Predictor PredictorOf(InstrumentId id)
    {
        if (id.Value >= _predictors.Length)
            Array.Resize(ref _predictors, Math.Max(id.Value + 1, _predictors.Length * 2));
        return _predictors[id.Value] ?? Add(id);
    }

    private Predictor Add(InstrumentId id)
    {
        generator.Prepare(id);
        return _predictors[id.Value] = new Predictor(package, id);
    }
}
