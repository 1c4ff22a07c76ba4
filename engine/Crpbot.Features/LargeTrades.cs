namespace Crpbot.Features;

/// <summary>The 95th percentile of parent notional over the last 24 complete UTC hours, from hourly histograms.</summary>
/// <remarks>20 logarithmic bins a decade between 1e-2 and 1e8 quote units, outsiders in the end bins. Source: features-33, M9.</remarks>
internal sealed class LargeTrades
{
    public const int HoursNeeded = 6;
    private const int Hours = 24;
    private const int Bins = 200;
    private const int BinsPerDecade = 20;
    private const int FirstBin = -2 * BinsPerDecade;
    private const double Quantile = 0.95;

    private readonly int[][] _hours = [.. Enumerable.Range(0, Hours).Select(_ => new int[Bins])];
    private readonly long[] _hourOf = [.. Enumerable.Repeat(long.MinValue, Hours)];
    private readonly long[] _total = new long[Bins];
    private long _hour = long.MinValue;
    private int[] _current = new int[Bins];

    /// <summary>θ in quote units; NaN while fewer than six of the 24 hours have a parent.</summary>
    public double Threshold { get; private set; } = double.NaN;

    /// <summary>Hours with a parent among the last 24.</summary>
    public int HoursKnown { get; private set; }

    /// <summary>Moves to the hour of the Bar that closes; a new hour makes a new threshold.</summary>
    public void MoveTo(long hour)
    {
        if (hour == _hour)
            return;
        if (_hour != long.MinValue)
        {
            int slot = (int)(_hour % Hours);
            (_hours[slot], _current) = (_current, _hours[slot]);
            _hourOf[slot] = _hour;
            _current.AsSpan().Clear();
        }

        _hour = hour;
        UpdateThreshold();
    }

    /// <summary>When the threshold will be there if every hour has a parent; <paramref name="now"/> where it is.</summary>
    public long WarmAt(long now) => HoursKnown >= HoursNeeded ? now : (_hour + HoursNeeded - HoursKnown) * Messages.UnixNanos.PerHour;

    public void Add(double notional) => _current[BinOf(notional)]++;

    public void Save(BinaryWriter writer)
    {
        writer.Write(_hour);
        for (int hour = 0; hour < Hours; hour++)
        {
            writer.Write(_hourOf[hour]);
            foreach (int count in _hours[hour])
                writer.Write(count);
        }

        foreach (int count in _current)
            writer.Write(count);
    }

    public void Load(BinaryReader reader)
    {
        _hour = reader.ReadInt64();
        for (int hour = 0; hour < Hours; hour++)
        {
            _hourOf[hour] = reader.ReadInt64();
            for (int bin = 0; bin < Bins; bin++)
                _hours[hour][bin] = reader.ReadInt32();
        }

        for (int bin = 0; bin < Bins; bin++)
            _current[bin] = reader.ReadInt32();
        UpdateThreshold();
    }

    private static int BinOf(double notional) =>
        Math.Clamp((int)Math.Floor(BinsPerDecade * Math.Log10(notional)) - FirstBin, 0, Bins - 1);

    private void UpdateThreshold()
    {
        _total.AsSpan().Clear();
        HoursKnown = 0;
        long count = 0;
        for (int slot = 0; slot < Hours; slot++)
        {
            if (_hourOf[slot] < _hour - Hours || _hourOf[slot] >= _hour)
                continue;
            long before = count;
            for (int bin = 0; bin < Bins; bin++)
            {
                _total[bin] += _hours[slot][bin];
                count += _hours[slot][bin];
            }

            if (count > before)
                HoursKnown++;
        }

        Threshold = HoursKnown < HoursNeeded ? double.NaN : ThresholdOf(count);
    }

    private double ThresholdOf(long count)
    {
        double wanted = Quantile * count;
        double below = 0;
        int bin = 0;
        while (below + _total[bin] < wanted)
            below += _total[bin++];
        double fraction = (wanted - below) / _total[bin];
        return Math.Pow(10, (bin + FirstBin + fraction) / BinsPerDecade);
    }
}
