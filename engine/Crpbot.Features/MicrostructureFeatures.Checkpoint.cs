namespace Crpbot.Features;

// Saving and restoring.
internal sealed partial class MicrostructureFeatures
{
    public void Save(BinaryWriter writer)
    {
        _trades.Save(writer);
        _large.Save(writer);
        _vpin.Save(writer);
        _kyle.Save(writer);
        foreach (MinuteWindow window in (MinuteWindow[])[_slopes, _parents, _returns, _notionals])
            window.Save(writer);
        for (int i = 0; i < VwapMinutes; i++)
        {
            writer.Write((ulong)(_vwapTickLots[i] >>> 64));
            writer.Write((ulong)_vwapTickLots[i]);
            writer.Write(_vwapLots[i]);
            writer.Write(_vwapMinutes[i]);
        }

        foreach (CarriedValue carried in (CarriedValue[])[_carriedVpin, _carriedVwap, _carriedSpread, _carriedImpact, _carriedKyle, _carriedAmihud])
            carried.Save(writer);
        writer.Write(_lastMinute);
        writer.Write(_previousClose);
        SideCheck.Save(writer);
    }

    public void Load(BinaryReader reader)
    {
        _trades.Load(reader);
        _large.Load(reader);
        _vpin.Load(reader);
        _kyle.Load(reader);
        foreach (MinuteWindow window in (MinuteWindow[])[_slopes, _parents, _returns, _notionals])
            window.Load(reader);
        for (int i = 0; i < VwapMinutes; i++)
            (_vwapTickLots[i], _vwapLots[i], _vwapMinutes[i]) = (new Int128(reader.ReadUInt64(), reader.ReadUInt64()), reader.ReadInt64(), reader.ReadInt64());
        _carriedVpin.Load(reader);
        _carriedVwap.Load(reader);
        _carriedSpread.Load(reader);
        _carriedImpact.Load(reader);
        _carriedKyle.Load(reader);
        _carriedAmihud.Load(reader);
        (_lastMinute, _previousClose) = (reader.ReadInt64(), reader.ReadInt64());
        SideCheck.Load(reader);
    }
}
