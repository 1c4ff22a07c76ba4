using Crpbot.Codecs.Captures;
using Crpbot.Engine.Sources;
using Crpbot.Engine.Stages;
using Crpbot.MarketData;

namespace Crpbot.Engine;

/// <summary>Writes a source into a capture, through the same receiver as a live feed, so that its Timers stand where a replay would put them.</summary>
public static class Recording
{
    /// <param name="progress">Told the number of events from time to time, or null.</param>
    /// <returns>Events written.</returns>
    public static long Convert(ReplaySource source, CaptureWriter writer, Action<long>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        using var halt = new CancellationTokenSource();
        using var pipeline = new TradingPipeline([new RecordStage(writer, flushAtTimers: false)], ThreadLayout.Inline, 4096, halt);
        var receiver = new FeedReceiver(pipeline, new BarClock());
        for (int step = 0; source.Next(receiver); step++)
        {
            if (progress is not null && step % 4096 == 0)
                progress(receiver.Events);
        }

        pipeline.WaitIdle();
        return receiver.Events;
    }
}
