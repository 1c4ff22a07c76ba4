namespace Crpbot.Features;

// Saving and restoring: windows are written, their sorted copy and sums of short windows are made again.
public sealed partial class CandleFeatures
{
    internal void Save(BinaryWriter writer)
    {
        _closes.Save(writer);
        _volumes.Save(writer);
        _trueRanges.Save(writer);
        _atrs.Save(writer);
        foreach (double sma in _smas)
            writer.Write(sma);
        _volumeSum.Save(writer);
        foreach (double value in (ReadOnlySpan<double>)[_rsiUp, _rsiDown, _ema12, _ema26, _signal, _previousClose])
            writer.Write(value);
        foreach (long value in (ReadOnlySpan<long>)[_volumesAboveZero, _lastOpenTime, BarsPresent, Restarts, Refused])
            writer.Write(value);
        writer.Write((byte)Flags);
        writer.Write((byte)VolatilityRegime);
        writer.Write((byte)Session);
    }

    internal void Load(BinaryReader reader)
    {
        Restart();
        _closes.Load(reader);
        _volumes.Load(reader);
        _trueRanges.Load(reader);
        _atrs.Load(reader);
        ReadOnlySpan<double> atrs = _atrs.Last(Math.Min(RegimeBars, _atrs.Count));
        atrs.CopyTo(_sortedAtrs);
        _sortedAtrs.AsSpan(0, atrs.Length).Sort();
        for (int i = 0; i < _smas.Length; i++)
            _smas[i] = reader.ReadDouble();
        _volumeSum.Load(reader);
        (_rsiUp, _rsiDown, _ema12) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
        (_ema26, _signal, _previousClose) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
        (_volumesAboveZero, _lastOpenTime, BarsPresent) = ((int)reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
        (Restarts, Refused) = (reader.ReadInt64(), reader.ReadInt64());
        Flags = (FeatureRowFlags)reader.ReadByte();
        VolatilityRegime = (VolatilityRegime)reader.ReadByte();
        Session = (Session)reader.ReadByte();
    }
}
