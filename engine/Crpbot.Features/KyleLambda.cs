using Crpbot.Features.Kernels;

namespace Crpbot.Features;

/// <summary>Price response to signed flow over sixty 5-second buckets, shrunk towards zero where there is little flow.</summary>
/// <remarks>λ = Sxy / (Sxx + κ) with means removed, κ a tenth of the usual Sxx. Source: Kyle (1985), Hasbrouck (2009); features-33, M18.</remarks>
internal sealed class KyleLambda
{
    public const int BucketsPerMinute = BookMinute.Borders - 1;
    private const int Buckets = 60;
    private const int BucketsNeeded = 40;
    private const int MinutesNeeded = 30;
    private const double Shrinkage = 0.1;

    /// <summary>Response and flow by bucket, oldest first; NaN response where a mid or the minute's Trades are missing.</summary>
    private readonly double[] _responses = new double[Buckets];
    private readonly double[] _flows = new double[Buckets];
    private readonly double[] _x = new double[Buckets];
    private readonly double[] _y = new double[Buckets];
    private readonly MinuteWindow _usual = new(60);

    public KyleLambda() => _responses.AsSpan().Fill(double.NaN);

    /// <summary>Minutes with a known Sxx, of the 30 that κ needs.</summary>
    public int MinutesKnown => Math.Min(MinutesNeeded, _usual.Present().Length);

    /// <summary>Minutes that have no Bar: what was traded in them is unknown.</summary>
    public void Skip(long minutes)
    {
        _usual.Skip(minutes);
        for (long i = Math.Min(minutes, Buckets / BucketsPerMinute); i > 0; i--)
        {
            Shift();
            _responses.AsSpan(Buckets - BucketsPerMinute).Fill(double.NaN);
        }
    }

    /// <summary>Takes a present minute.</summary>
    /// <param name="borderMids">13 mids, 0 where there is none.</param>
    /// <param name="flows">Σ d·sqrt(w / 1e6) of the parents of each of the 12 buckets.</param>
    /// <param name="lambda">λ; only where it can be computed.</param>
    /// <returns>False when there are too few buckets or no flow at all.</returns>
    public bool Add(ReadOnlySpan<long> borderMids, ReadOnlySpan<double> flows, out double lambda)
    {
        Shift();
        for (int i = 0; i < BucketsPerMinute; i++)
        {
            int at = Buckets - BucketsPerMinute + i;
            long start = borderMids[i], end = borderMids[i + 1];
            _responses[at] = start == 0 || end == 0 ? double.NaN : 1e4 * Math.Log((double)end / start);
            _flows[at] = flows[i];
        }

        return Estimate(out lambda);
    }

    public void Save(BinaryWriter writer)
    {
        for (int i = 0; i < Buckets; i++)
        {
            writer.Write(_responses[i]);
            writer.Write(_flows[i]);
        }

        _usual.Save(writer);
    }

    public void Load(BinaryReader reader)
    {
        for (int i = 0; i < Buckets; i++)
            (_responses[i], _flows[i]) = (reader.ReadDouble(), reader.ReadDouble());
        _usual.Load(reader);
    }

    private void Shift()
    {
        _responses.AsSpan(BucketsPerMinute).CopyTo(_responses);
        _flows.AsSpan(BucketsPerMinute).CopyTo(_flows);
    }

    private bool Estimate(out double lambda)
    {
        int count = 0;
        for (int i = 0; i < Buckets; i++)
        {
            if (double.IsNaN(_responses[i]))
                continue;
            _y[count] = _responses[i];
            _x[count++] = _flows[i];
        }

        lambda = double.NaN;
        if (count < BucketsNeeded)
        {
            _usual.Append(double.NaN);
            return false;
        }

        Span<double> x = _x.AsSpan(0, count);
        Span<double> y = _y.AsSpan(0, count);
        Centre(x);
        Centre(y);
        double sxx = DotProduct.Of(x, x);
        Span<double> usual = _usual.Present();
        double denominator = sxx + (usual.Length < MinutesNeeded ? 0 : Shrinkage * Percentile.Median(usual));
        _usual.Append(sxx);
        if (!(denominator > 0))
            return false;
        lambda = DotProduct.Of(x, y) / denominator;
        return true;
    }

    private static void Centre(Span<double> values)
    {
        double mean = WindowSum.Of(values) / values.Length;
        foreach (ref double value in values)
            value -= mean;
    }
}
