namespace Crpbot.Features;

/// <summary>One number a minute over the last so many minutes; NaN where the Bar or the number is missing.</summary>
internal sealed class MinuteWindow
{
    private readonly double[] _values;
    private readonly double[] _present;
    private int _next;

    public MinuteWindow(int minutes)
    {
        _values = new double[minutes];
        _present = new double[minutes];
        _values.AsSpan().Fill(double.NaN);
    }

    public void Append(double value)
    {
        _values[_next] = value;
        _next = _next + 1 == _values.Length ? 0 : _next + 1;
    }

    public void Skip(long minutes)
    {
        for (long i = Math.Min(minutes, _values.Length); i > 0; i--)
            Append(double.NaN);
    }

    /// <summary>Returns the numbers that are there, in no order, in a buffer the caller may change.</summary>
    public Span<double> Present()
    {
        int count = 0;
        foreach (double value in _values)
        {
            if (!double.IsNaN(value))
                _present[count++] = value;
        }

        return _present.AsSpan(0, count);
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(_next);
        foreach (double value in _values)
            writer.Write(value);
    }

    public void Load(BinaryReader reader)
    {
        _next = Checkpoint.ReadCount(reader, _values.Length - 1);
        for (int i = 0; i < _values.Length; i++)
            _values[i] = reader.ReadDouble();
    }
}
