using System.Runtime.CompilerServices;
using Crpbot.Disruptor;
using Crpbot.Engine.Stages;
using Crpbot.Messages;

namespace Crpbot.Engine;

/// <summary>The ring with its stages, in one of the thread layouts. The receiver publishes, the last stage journals.</summary>
/// <remarks>
/// <code>
///   inline   receiver: publish ─► record ─► features ─► prediction ─► execution ─► journal
///   split    receiver: publish ─►│ record ─► features ─► prediction ─► execution ─► journal
///   full     receiver: publish ─►│ record ─►│ features ─►│ prediction ─►│ execution ─►│ journal        (│ = a thread ends)
/// </code>
/// One thread publishes. A stage that throws halts the ring, and the next publish or wait throws <see cref="RingHaltedException"/>.
/// </remarks>
internal sealed class TradingPipeline : IDisposable
{
    private readonly RingBuffer<TradingEvent> _ring;
    private readonly SingleProducerSequencer _sequencer;
    private readonly IStage[] _stages;
    private readonly ThreadAllocation[] _allocations;
    private readonly List<IEventProcessor> _processors = [];
    private readonly EventPoller<TradingEvent>? _poller;
    private readonly Sequence _last;
    private readonly int _chunk;
    private StageRunner _runner;

    /// <param name="stages">In order; the last one releases the lanes.</param>
    public TradingPipeline(IStage[] stages, ThreadLayout layout, int ringSize, CancellationTokenSource halt)
    {
        _stages = stages;
        int threads = layout switch { ThreadLayout.Inline => 1, ThreadLayout.Split => 2, _ => stages.Length + 1 };
        _sequencer = new SingleProducerSequencer(ringSize, WaitStrategy.ForThisMachine(threads));
        _ring = new RingBuffer<TradingEvent>(ringSize);
        _chunk = Math.Max(1, ringSize / 4);
        Layout = layout;
        if (layout == ThreadLayout.Full)
        {
            _allocations = [.. stages.Select(stage => new ThreadAllocation(stage.Name))];
            EventProcessor<TradingEvent, StageRunner>? before = null;
            for (int i = 0; i < stages.Length; i++)
            {
                SequenceBarrier barrier = before is null ? _sequencer.NewBarrier() : _sequencer.NewBarrier(before.Sequence);
                before = EventProcessor.ForBatch(stages[i].Name, _ring, barrier, new StageRunner([stages[i]], _allocations[i]));
                _processors.Add(before);
            }

            _last = before!.Sequence;
        }
        else
        {
            _allocations = [new ThreadAllocation("stages")];
            _runner = new StageRunner(stages, _allocations[0]);
            if (layout == ThreadLayout.Split)
            {
                EventProcessor<TradingEvent, StageRunner> processor = EventProcessor.ForBatch("stages", _ring, _sequencer.NewBarrier(), _runner);
                _processors.Add(processor);
                _last = processor.Sequence;
            }
            else
            {
                _poller = new EventPoller<TradingEvent>(_ring, _sequencer.NewBarrier());
                _last = _poller.Sequence;
            }
        }

        _sequencer.AddGatingSequences(_last);
        foreach (IEventProcessor processor in _processors)
        {
            processor.Completion.ContinueWith(_ => halt.Cancel(), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            processor.Start();
        }
    }

    public ThreadLayout Layout { get; }

    /// <summary>Bytes the stage threads allocated between the last two marks. Idle ring only.</summary>
    public long AllocatedBytes
    {
        get
        {
            long total = 0;
            foreach (ThreadAllocation allocation in _allocations)
                total += allocation.Bytes;
            return total;
        }
    }

    /// <summary>Publishes the events of one or more whole messages, in order, waiting for room.</summary>
    /// <param name="events">In ring order.</param>
    /// <param name="flags">Added to each event.</param>
    /// <param name="wireStamp">Monotonic; 0 leaves these events out of the latency figures.</param>
    /// <param name="parsedStamp">As <paramref name="wireStamp"/>.</param>
    public void Publish(ReadOnlySpan<MarketEvent> events, MarketEventFlags flags, long wireStamp, long parsedStamp)
    {
        while (!events.IsEmpty)
        {
            int count = Math.Min(events.Length, _chunk);

            // A claim looks at the stages once a lap only; a quiet market would take hours to fill a halted ring.
            _sequencer.Lifecycle.ThrowIfHalted();
            long last = _sequencer.Next(count);
            long first = last - count + 1;
            for (int i = 0; i < count; i++)
            {
                ref TradingEvent slot = ref _ring[first + i];
                slot = default;
                slot.Market = events[i];
                slot.Market.Flags |= flags;
            }

            // Stamps belong to the message as a whole: its last event carries them.
            ref TradingEvent end = ref _ring[last];
            if (count == events.Length)
                (end.WireStamp, end.ParsedStamp) = (wireStamp, parsedStamp);
            _sequencer.Publish(first, last);
            events = events[count..];
            if (_poller is not null)
                _poller.Poll(ref _runner);
        }
    }

    /// <summary>Waits until every stage has handled everything published.</summary>
    /// <exception cref="RingHaltedException">A stage failed.</exception>
    public void WaitIdle()
    {
        var spin = new SpinWait();
        while (_last.Value < _sequencer.Cursor.Value)
        {
            _sequencer.Lifecycle.ThrowIfHalted();
            if (_poller is not null)
                _poller.Poll(ref _runner);
            else
                spin.SpinOnce();
        }
    }

    /// <summary>Marks the allocation counters of every stage thread at this place of the stream.</summary>
    public void Mark()
    {
        MarketEvent mark = default;
        Publish(new ReadOnlySpan<MarketEvent>(ref mark), MarketEventFlags.None, 0, 0);
    }

    /// <summary>Every stage starts afresh, keeping its memory. The ring must be idle.</summary>
    public void Reset()
    {
        foreach (IStage stage in _stages)
            stage.Reset();
    }

    /// <summary>Drains and ends the stage threads. What made a stage fail was thrown by the publish or wait that met it.</summary>
    public void Dispose()
    {
        if (!_sequencer.Lifecycle.IsHalted)
            _sequencer.Complete();
        foreach (IEventProcessor processor in _processors)
        {
            if (Task.WaitAny([processor.Completion], TimeSpan.FromSeconds(30)) < 0)
                throw new TimeoutException($"stage '{processor.Name}' does not end");
        }
    }
}
