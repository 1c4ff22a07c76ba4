namespace Crpbot.Features;

/// <summary>A running sum whose additions and removals do not drift (Neumaier).</summary>
internal struct CompensatedSum
{
    private double _sum;
    private double _lost;

    public readonly double Value => _sum + _lost;

    public void Add(double value)
    {
        double sum = _sum + value;
        _lost += Math.Abs(_sum) >= Math.Abs(value) ? _sum - sum + value : value - sum + _sum;
        _sum = sum;
    }

    public readonly void Save(BinaryWriter writer)
    {
        writer.Write(_sum);
        writer.Write(_lost);
    }

    public void Load(BinaryReader reader)
    {
        _sum = reader.ReadDouble();
        _lost = reader.ReadDouble();
    }
}
