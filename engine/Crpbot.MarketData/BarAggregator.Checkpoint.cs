using Crpbot.Messages;

namespace Crpbot.MarketData;

// Saving and restoring, so that a restarted process continues bit for bit.
public sealed partial class BarAggregator
{
    private const int MostTrades = 1 << 24;

    /// <summary>Writes one Trade; <see cref="ReadTrade"/> reads it.</summary>
    public static void Write(BinaryWriter writer, in BarTrade trade)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(trade.Time.Value);
        writer.Write(trade.Price.Ticks);
        writer.Write(trade.Quantity.Lots);
        writer.Write(trade.MidTicksTwice);
        writer.Write((byte)trade.Side);
    }

    public static BarTrade ReadTrade(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return new BarTrade
        {
            Time = new(reader.ReadInt64()),
            Price = new(reader.ReadInt64()),
            Quantity = new(reader.ReadInt64()),
            MidTicksTwice = reader.ReadInt64(),
            Side = (Side)reader.ReadByte(),
        };
    }

    /// <summary>Writes everything that later Bars depend on.</summary>
    public void Save(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        DropClosed();
        foreach (long value in (ReadOnlySpan<long>)
            [_lastAlive, _lastTradeTime, _lastTradeMinute, _minuteLots, _closedEnd, _lastBarOpen, _lastClose.Ticks, LateTrades, Refused, Bars])
        {
            writer.Write(value);
        }

        writer.Write(_isDown);
        writer.Write(_lateSinceClose);
        writer.Write(_holeCount);
        for (int i = 0; i < _holeCount; i++)
        {
            writer.Write(_holes[i].Start);
            writer.Write(_holes[i].End);
        }

        writer.Write(_tradeCount);
        for (int i = 0; i < _tradeCount; i++)
            Write(writer, _trades[i]);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">A count is impossible.</exception>
    public void Load(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        (_lastAlive, _lastTradeTime, _lastTradeMinute) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
        (_minuteLots, _closedEnd, _lastBarOpen) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
        _lastClose = new(reader.ReadInt64());
        (LateTrades, Refused, Bars) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
        _isDown = reader.ReadBoolean();
        _lateSinceClose = reader.ReadInt32();
        _holeCount = ReadCount(reader, MaxHoles);
        for (int i = 0; i < _holeCount; i++)
            _holes[i] = (reader.ReadInt64(), reader.ReadInt64());
        (_closedTrades, _tradeCount) = (0, ReadCount(reader, MostTrades));
        if (_tradeCount > _trades.Length)
            _trades = new BarTrade[_tradeCount];
        for (int i = 0; i < _tradeCount; i++)
            _trades[i] = ReadTrade(reader);
    }

    private static int ReadCount(BinaryReader reader, int most)
    {
        int count = reader.ReadInt32();
        return count >= 0 && count <= most
            ? count
            : throw new InvalidDataException($"bar checkpoint holds {count} entries where at most {most} fit; rebuild it from history");
    }
}
