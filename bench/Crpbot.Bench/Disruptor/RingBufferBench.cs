using System.Threading.Channels;
using BenchmarkDotNet.Attributes;
using Crpbot.Disruptor;

namespace Crpbot.Bench.Disruptor;

/// <summary>What the ring's steps cost on one thread, where no other core takes part; <c>Crpbot.LatencyBench ring</c> measures two.</summary>
[MemoryDiagnoser]
public class RingBufferBench
{
    private const int Capacity = 1024;

    private readonly RingBuffer<Slot> _ring = new(Capacity);
    private readonly SingleProducerSequencer _single = new(Capacity, new BusySpinWaitStrategy());
    private readonly SingleProducerSequencer _blocking = new(Capacity, new BlockingWaitStrategy());
    private readonly MultiProducerSequencer _multi = new(Capacity, new BusySpinWaitStrategy());
    private readonly Channel<Slot> _channel = Channel.CreateBounded<Slot>(Capacity);
    private readonly Queue<Slot> _queue = new(Capacity);
    private EventPoller<Slot> _poller = null!;
    private EventPoller<Slot> _blockingPoller = null!;
    private EventPoller<Slot> _multiPoller = null!;
    private PerEvent<Slot, Sum> _sum;

    [GlobalSetup]
    public void Setup()
    {
        _poller = PollerOn(_single);
        _blockingPoller = PollerOn(_blocking);
        _multiPoller = PollerOn(_multi);
    }

    [Benchmark]
    public long PublishAndPollOne() => One(_single, _poller);

    [Benchmark]
    public long PublishAndPollOneBlocking() => One(_blocking, _blockingPoller);

    [Benchmark]
    public long PublishAndPollOneOfMany()
    {
        long sequence = _multi.Next();
        _ring[sequence].Value = sequence;
        _multi.Publish(sequence);
        _multiPoller.Poll(ref _sum);
        return _sum.Handler.Total;
    }

    [Benchmark(OperationsPerInvoke = 16)]
    public long PublishAndPollSixteen()
    {
        long last = _single.Next(16);
        for (long sequence = last - 15; sequence <= last; sequence++)
            _ring[sequence].Value = sequence;
        _single.Publish(last);
        _poller.Poll(ref _sum);
        return _sum.Handler.Total;
    }

    [Benchmark(Baseline = true)]
    public long WriteAndReadChannel()
    {
        _channel.Writer.TryWrite(new Slot { Value = 1 });
        _channel.Reader.TryRead(out Slot slot);
        return slot.Value;
    }

    [Benchmark]
    public long EnqueueAndDequeueUnderLock()
    {
        lock (_queue)
            _queue.Enqueue(new Slot { Value = 1 });
        lock (_queue)
            return _queue.Dequeue().Value;
    }

    private long One(SingleProducerSequencer sequencer, EventPoller<Slot> poller)
    {
        long sequence = sequencer.Next();
        _ring[sequence].Value = sequence;
        sequencer.Publish(sequence);
        poller.Poll(ref _sum);
        return _sum.Handler.Total;
    }

    private EventPoller<Slot> PollerOn(Sequencer sequencer)
    {
        EventPoller<Slot> poller = new(_ring, sequencer.NewBarrier());
        sequencer.AddGatingSequences(poller.Sequence);
        return poller;
    }

    public struct Slot
    {
        public long Value, B, C, D, E, F, G, H;
    }

    private struct Sum : IEventHandler<Slot>
    {
        public long Total;

        public void OnEvent(ref Slot slot, long sequence, bool endOfBatch) => Total += slot.Value;
    }
}
