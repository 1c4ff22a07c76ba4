using Crpbot.Disruptor;
using Crpbot.Messages;

namespace Crpbot.Engine.Stages;

/// <summary>What one pipeline thread allocated between two marks.</summary>
/// <remarks>Marks travel through the ring as slots of kind None, so that each thread reads its own counter at the same place of the stream.</remarks>
internal sealed class ThreadAllocation(string name)
{
    private long _mark;

    public string Name { get; } = name;

    /// <summary>Bytes between the last two marks.</summary>
    public long Bytes { get; private set; }

    public void Mark()
    {
        long now = GC.GetAllocatedBytesForCurrentThread();
        Bytes = now - _mark;
        _mark = now;
    }
}

/// <summary>Runs the stages of one thread over each slot in turn.</summary>
internal readonly struct StageRunner(IStage[] stages, ThreadAllocation allocation) : IBatchEventHandler<TradingEvent>
{
    private readonly IStage[] _stages = stages;
    private readonly ThreadAllocation _allocation = allocation;

    public void OnBatch(Span<TradingEvent> slots, long first, bool endOfBatch)
    {
        IStage[] stages = _stages;
        foreach (ref TradingEvent slot in slots)
        {
            if (slot.Market.Kind == MarketEventKind.None)
            {
                _allocation.Mark();
                continue;
            }

            foreach (IStage stage in stages)
                stage.OnEvent(ref slot);
        }
    }
}
