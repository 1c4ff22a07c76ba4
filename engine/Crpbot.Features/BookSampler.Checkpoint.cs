using System.Runtime.InteropServices;
using Crpbot.Messages;

namespace Crpbot.Features;

// Saving and restoring. A book is restored by giving it its levels as a snapshot.
internal sealed partial class BookSampler
{
    private const int MostLevels = 1 << 24;

    /// <summary>Half of a message has been applied: not a moment to save.</summary>
    public bool InMessage => _inMessage;

    public void Save(BinaryWriter writer)
    {
        writer.Write(_builder.HasSnapshot);
        SaveSide(writer, _book.BidTicks, _book.BidLots);
        SaveSide(writer, _book.AskTicks, _book.AskLots);
        foreach (long[] levels in (long[][])[_bidTicks, _bidLots, _askTicks, _askLots])
            writer.Write(MemoryMarshal.AsBytes(levels.AsSpan()));
        foreach (long value in (ReadOnlySpan<long>)
            [_bidFloor, _askCeiling, _nextStop, _clock, _mid, _since, _spreadSince, _aliveUntil, _nextGrid, _nextBorder, LateDeltas, Refused])
        {
            writer.Write(value);
        }

        foreach (bool value in (ReadOnlySpan<bool>)[_bidsDirty, _asksDirty, _noFlow, _isReadable, _isValid, _isAlive])
            writer.Write(value);
        foreach (double value in (ReadOnlySpan<double>)[_touchImbalance, _touchLots, _depthLots, _spreadBps])
            writer.Write(value);
        writer.Write(_revivalCount);
        for (int i = 0; i < _revivalCount; i++)
        {
            writer.Write(_revivals[i].Start);
            writer.Write(_revivals[i].End);
        }

        writer.Write(Array.IndexOf(_minutes, _minute));
        foreach (BookMinute minute in _minutes)
            minute.Save(writer);
        Mids.Save(writer);
    }

    public void Load(BinaryReader reader)
    {
        bool hasSnapshot = reader.ReadBoolean();
        if (hasSnapshot)
            _builder.Apply(new MarketEvent { Kind = MarketEventKind.BookClear });
        LoadSide(reader, Side.Buy);
        LoadSide(reader, Side.Sell);
        if (hasSnapshot)
            _builder.Apply(new MarketEvent { Kind = MarketEventKind.Timer, Flags = MarketEventFlags.LastInMessage });
        foreach (long[] levels in (long[][])[_bidTicks, _bidLots, _askTicks, _askLots])
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(levels.AsSpan()));
        (_bidFloor, _askCeiling, _nextStop, _clock) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
        (_mid, _since, _spreadSince, _aliveUntil) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
        (_nextGrid, _nextBorder, LateDeltas, Refused) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
        (_bidsDirty, _asksDirty, _noFlow) = (reader.ReadBoolean(), reader.ReadBoolean(), reader.ReadBoolean());
        (_isReadable, _isValid, _isAlive) = (reader.ReadBoolean(), reader.ReadBoolean(), reader.ReadBoolean());
        (_touchImbalance, _touchLots) = (reader.ReadDouble(), reader.ReadDouble());
        (_depthLots, _spreadBps) = (reader.ReadDouble(), reader.ReadDouble());
        _revivalCount = Checkpoint.ReadCount(reader, MaxRevivals);
        for (int i = 0; i < _revivalCount; i++)
            _revivals[i] = (reader.ReadInt64(), reader.ReadInt64());
        _minute = _minutes[Checkpoint.ReadCount(reader, KeptMinutes - 1)];
        foreach (BookMinute minute in _minutes)
            minute.Load(reader);
        Mids.Load(reader);
    }

    private static void SaveSide(BinaryWriter writer, ReadOnlySpan<long> ticks, ReadOnlySpan<long> lots)
    {
        writer.Write(ticks.Length);
        for (int i = 0; i < ticks.Length; i++)
        {
            writer.Write(ticks[i]);
            writer.Write(lots[i]);
        }
    }

    private void LoadSide(BinaryReader reader, Side side)
    {
        for (int left = Checkpoint.ReadCount(reader, MostLevels); left > 0; left--)
        {
            var level = new MarketEvent { Kind = MarketEventKind.BookDelta, Side = side, Price = new(reader.ReadInt64()), Quantity = new(reader.ReadInt64()) };
            if (!IsPossible(level))
                throw new InvalidDataException("feature checkpoint holds an impossible level; rebuild it from history");
            _builder.Apply(level);
        }
    }
}
