using Crpbot.Codecs.Captures;
using Crpbot.Messages;

namespace Crpbot.Engine.Stages;

/// <summary>Saves the ring: writes every live event into a capture. Blocks when the disk does; a capture never drops.</summary>
/// <param name="flushAtTimers">End a block at each Timer, so that a crash loses at most the minute in progress; a conversion packs full blocks instead.</param>
internal sealed class RecordStage(CaptureWriter writer, bool flushAtTimers) : IStage
{
    public string Name => "record";

    public void OnEvent(ref TradingEvent e)
    {
        if (e.IsHistory)
            return;
        writer.Write(e.Market);
        if (flushAtTimers && e.Market.Kind == MarketEventKind.Timer)
            writer.Flush();
    }

    public void Reset() => throw new NotSupportedException("a capture records one pass");
}
