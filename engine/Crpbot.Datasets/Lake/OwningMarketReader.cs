using Crpbot.Codecs.Readers;
using Crpbot.Messages;

namespace Crpbot.Datasets.Lake;

/// <summary>Another reader's messages, with something that is to be disposed after it.</summary>
internal abstract class OwningMarketReader(IDisposable owned, MarketReader reader)
    : MarketReader(reader.Instruments, reader.TextIds, reader.Range, reader.Damage)
{
    public override long Frames => reader.Frames;

    public override long Unknown => reader.Unknown;

    public override long Dropped => reader.Dropped;

    public override long Bytes => reader.Bytes;

    protected override bool ReadNext()
    {
        if (!reader.Read())
            return false;
        foreach (ref readonly MarketEvent e in reader.Message.Events)
            Message.Add() = e;
        return true;
    }

    protected override void Restart(UnixNanos time) => reader.SeekTo(time);

    protected override void Dispose(bool disposing)
    {
        reader.Dispose();
        owned.Dispose();
    }
}

/// <summary>A file that was fetched from afar and is removed when it was read.</summary>
internal sealed class CopiedMarketReader(LakeCopy copy, MarketReader reader) : OwningMarketReader(copy, reader);

/// <summary>A lake's stream, which ends with the lake.</summary>
internal sealed class MergedLakeReader(ILakeStorage lake, MergedMarketReader reader) : OwningMarketReader(lake, reader);
