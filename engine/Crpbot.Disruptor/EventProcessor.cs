using System.Runtime.CompilerServices;

namespace Crpbot.Disruptor;

/// <summary>Makes processors; the type arguments follow from the handler.</summary>
public static class EventProcessor
{
    public static EventProcessor<T, PerEvent<T, THandler>> ForEach<T, THandler>(
        string name, RingBuffer<T> ring, SequenceBarrier barrier, THandler handler)
        where T : unmanaged
        where THandler : IEventHandler<T> => new(name, ring, barrier, new PerEvent<T, THandler>(handler));

    public static EventProcessor<T, THandler> ForBatch<T, THandler>(
        string name, RingBuffer<T> ring, SequenceBarrier barrier, THandler handler)
        where T : unmanaged
        where THandler : IBatchEventHandler<T> => new(name, ring, barrier, handler);
}

/// <summary>One stage on one thread: waits at its barrier, hands the handler everything at hand, then lets the next stage at it.</summary>
/// <remarks>
/// The ring's <see cref="RingLifecycle"/> ends it: completed, it drains and stops; halted, it stops after the batch in hand. A handler that throws
/// halts the ring for everyone, producers included. The handler lives on the processor's stack while it runs, where no other thread's
/// writes disturb its line; <see cref="Handler"/> is current again once <see cref="Completion"/> is.
/// </remarks>
/// <typeparam name="T">The slot.</typeparam>
/// <typeparam name="THandler">A struct, for inlining; a class works and costs a virtual call a batch.</typeparam>
public sealed class EventProcessor<T, THandler> : IEventProcessor
    where T : unmanaged
    where THandler : IBatchEventHandler<T>
{
    /// <summary>A batch below this size, found without waiting, says that the producer is right ahead and in full flow.</summary>
    private const int ShortBatch = 128;

    private const int StandBackPauses = 8;

    private readonly RingBuffer<T> _ring;
    private readonly SequenceBarrier _barrier;
    private readonly WaitSignal? _signal;
    private readonly long _batchLimit;
    private readonly TaskCompletionSource<ProcessorExit> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private THandler _handler;
    private int _started;

    /// <param name="name">Names the thread and the fault.</param>
    /// <param name="ring">The slots.</param>
    /// <param name="barrier">From the ring's sequencer, on the stages before this one.</param>
    /// <param name="handler">The stage.</param>
    /// <param name="batchLimit">The most events handed over before the sequence advances; 0 is a quarter of the ring, so that a producer at a full ring goes on while the rest is worked off.</param>
    public EventProcessor(string name, RingBuffer<T> ring, SequenceBarrier barrier, THandler handler, int batchLimit = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(batchLimit);
        Name = name;
        _ring = ring;
        _barrier = barrier;
        _signal = barrier.Signal;
        _handler = handler;
        _batchLimit = batchLimit > 0 ? batchLimit : Math.Max(1, ring.Capacity / 4);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public Sequence Sequence { get; } = new();

    /// <inheritdoc/>
    public Exception? Fault { get; private set; }

    /// <inheritdoc/>
    public Task<ProcessorExit> Completion => _completion.Task;

    /// <summary>The stage; read it before the start and after <see cref="Completion"/>.</summary>
    public ref THandler Handler => ref _handler;

    /// <inheritdoc/>
    public Thread Start()
    {
        Thread thread = new(Run) { Name = Name, IsBackground = true };
        thread.Start();
        return thread;
    }

    /// <inheritdoc/>
    public void Run()
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
            throw new InvalidOperationException($"stage '{Name}' runs already, or has run");
        THandler handler = _handler;
        long next = Sequence.Value + 1;
        try
        {
            ProcessorExit exit = Loop(ref handler, ref next);
            _handler = handler;
            _completion.SetResult(exit);
        }
        catch (Exception fault)
        {
            _handler = handler;
            Fault = fault;
            _barrier.Lifecycle.Halt($"stage '{Name}' failed after sequence {next - 1}: {fault.Message}", fault);
            _completion.SetException(fault);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ProcessorExit Loop(ref THandler handler, ref long nextSequence)
    {
        RingBuffer<T> ring = _ring;
        SequenceBarrier barrier = _barrier;
        Sequence sequence = Sequence;
        WaitSignal? signal = _signal;
        long batchLimit = _batchLimit;
        long next = nextSequence;
        int shortBatches = 0;
        while (true)
        {
            // Right behind a producer in full flow, each look takes the cursor's line away from it, and both crawl. Standing back for
            // some 100 ns lets a batch gather: 60 → 250 M events/s, and a lone event, which is waited for, never pays it.
            long ahead = barrier.GetAvailable(next) - next;
            if (ahead >= ShortBatch || ahead < 0)
                shortBatches = 0;
            else if (++shortBatches > 1)
                StandBack();

            SequenceWaitResult result = barrier.WaitFor(next);
            if (!result.IsAvailable)
            {
                if (result == SequenceWaitResult.Timeout)
                    continue;
                return result == SequenceWaitResult.Completed ? ProcessorExit.Drained : ProcessorExit.Halted;
            }

            long last = Math.Min(result.Sequence, next + batchLimit - 1);
            bool endOfBatch = last == result.Sequence;
            while (next <= last)
            {
                Span<T> run = ring.Run(next, last);
                handler.OnBatch(run, next, endOfBatch && next + run.Length > last);
                next += run.Length;
            }

            // Hands the slots to the next stage, or back to the producer.
            nextSequence = next;
            sequence.Set(last);
            signal?.Signal();
        }
    }

    private static void StandBack()
    {
        for (int i = 0; i < StandBackPauses; i++)
            BusySpinWaitStrategy.Pause();
    }
}

/// <summary>Why a stage ended without fault.</summary>
public enum ProcessorExit : byte
{
    /// <summary>The producer completed and every event was handled.</summary>
    Drained = 0,

    /// <summary>The ring was halted, by command or by another stage's fault.</summary>
    Halted = 1,
}

/// <summary>A stage's handle: its progress, its end, its fault.</summary>
public interface IEventProcessor
{
    string Name { get; }

    /// <summary>The last event handled; dependents and producers wait on it.</summary>
    Sequence Sequence { get; }

    /// <summary>What the handler threw; null while it did not.</summary>
    Exception? Fault { get; }

    /// <summary>Ends with the stage; awaiting it rethrows the fault.</summary>
    Task<ProcessorExit> Completion { get; }

    /// <summary>Runs the stage on a background thread of its own.</summary>
    Thread Start();

    /// <summary>Runs the stage on the calling thread until the ring ends. A fault goes to <see cref="Completion"/>.</summary>
    /// <exception cref="InvalidOperationException">It was started before.</exception>
    void Run();
}
