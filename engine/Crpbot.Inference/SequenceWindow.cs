using Crpbot.Features;
using Crpbot.Messages;

namespace Crpbot.Inference;

/// <summary>The last T rows of one Instrument, scaled, in the order the model reads them, and whether they make a sequence.</summary>
/// <remarks>
/// Every row is written twice, T rows apart, so that the window is always one contiguous [T, F] block:
/// <code>
///  slot      0 … T−1 | T … 2T−1          next = 2:  window = slots 2 … T+1
///  rows      r5 r6 r2 r3 r4 | r5 r6 r2 r3 r4        (T = 5)
/// </code>
/// One owner, allocation-free after construction.
/// </remarks>
public sealed class SequenceWindow
{
    // Per slot and feature: bit 0 missing, bit 1 missing because the feature still warms up.
    private const byte Missing = 1;
    private const byte MissingForWarmup = 3;

    private readonly ScalingConstants _scaling;
    private readonly int[] _columns;
    private readonly int _length;
    private readonly int _missingMax;
    private readonly float[] _rows;
    private readonly byte[] _missing;
    private readonly int[] _missingCount;
    private readonly int[] _warmupCount;
    private UnixNanos _lastOpenTime;
    private int _next;
    private long _total;
    private int _contiguous;
    private int _sinceWarmup;

    public SequenceWindow(ModelPackage package)
        : this(package.Scaling, package.Columns.Span, package.Manifest.SequenceLength, package.Manifest.MissingPerFeatureMax)
    {
    }

    internal SequenceWindow(ScalingConstants scaling, ReadOnlySpan<int> columns, int length, int missingMax)
    {
        (_scaling, _columns, _length, _missingMax) = (scaling, columns.ToArray(), length, missingMax);
        _rows = new float[2 * length * scaling.Count];
        _missing = new byte[length * scaling.Count];
        _missingCount = new int[scaling.Count];
        _warmupCount = new int[scaling.Count];
    }

    /// <summary>[T, F], oldest Bar first; meaningful when <see cref="Status"/> is Ok.</summary>
    public ReadOnlySpan<float> Values => _rows.AsSpan(_next * _scaling.Count, _length * _scaling.Count);

    /// <summary>Whether the rows seen so far let the model speak.</summary>
    public PredictionStatus Status
    {
        get
        {
            if (_total < _length || _sinceWarmup < _length)
                return PredictionStatus.Warmup;
            if (_contiguous < _length)
                return PredictionStatus.IncompleteWindow;
            var status = PredictionStatus.Ok;
            for (int i = 0; i < _missingCount.Length; i++)
            {
                if (_missingCount[i] <= _missingMax)
                    continue;
                if (_warmupCount[i] > 0)
                    return PredictionStatus.Warmup;
                status = PredictionStatus.IncompleteWindow;
            }

            return status;
        }
    }

    /// <summary>Forgets every row.</summary>
    public void Reset()
    {
        (_next, _total, _contiguous, _sinceWarmup) = (0, 0, 0, 0);
        Array.Clear(_missing);
        Array.Clear(_missingCount);
        Array.Clear(_warmupCount);
    }

    /// <summary>Scales and appends one row.</summary>
    /// <param name="openTime">The Bar's name; a step other than one minute leaves a hole in the sequence.</param>
    /// <param name="inputs">The schema's whole vector of inputs; NaN is missing.</param>
    /// <param name="reasons">Why an input is missing, parallel to <paramref name="inputs"/>.</param>
    /// <param name="warmup">The row is flagged Warmup: no Prediction may read it.</param>
    public void Push(UnixNanos openTime, ReadOnlySpan<double> inputs, ReadOnlySpan<MissingReason> reasons, bool warmup)
    {
        _contiguous = _total > 0 && openTime - _lastOpenTime == UnixNanos.PerMinute ? Math.Min(_contiguous + 1, _length) : 1;
        _sinceWarmup = warmup ? 0 : Math.Min(_sinceWarmup + 1, _length);
        _lastOpenTime = openTime;
        _total++;

        int features = _columns.Length;
        Span<float> first = _rows.AsSpan(_next * features, features);
        Span<byte> missing = _missing.AsSpan(_next * features, features);
        for (int i = 0; i < features; i++)
        {
            int column = _columns[i];
            double z = _scaling.Scale(i, inputs[column]);
            byte was = missing[i];
            byte now = !double.IsNaN(z) ? (byte)0 : reasons[column] == MissingReason.Warmup ? MissingForWarmup : Missing;
            first[i] = now == 0 ? (float)z : 0;
            if (now == was)
                continue;
            missing[i] = now;
            _missingCount[i] += (now & 1) - (was & 1);
            _warmupCount[i] += (now >> 1) - (was >> 1);
        }

        first.CopyTo(_rows.AsSpan((_next + _length) * features, features));
        _next = _next + 1 == _length ? 0 : _next + 1;
    }
}
