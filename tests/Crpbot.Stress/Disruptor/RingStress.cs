using Crpbot.Disruptor;

namespace Crpbot.Stress.Disruptor;

/// <summary>Runs a ring with checksummed slots until enough has happened or a time is up, and rules on what was seen.</summary>
/// <remarks>The same run judges the real sequencers and the broken twins; a twin differs in its sequencer only.</remarks>
internal static class RingStress
{
    private const int Capacity = 64;
    private const long EnoughLaps = 2_000;
    private const long EnoughMeetings = 20;

    /// <summary>Every so many events a thread gives up its core at the worst moment: halfway through a slot, holding one, before its word is written.</summary>
    public const int Disturbance = 61;

    /// <summary>Every so many disturbances it sleeps, so that everyone else gets on even where the threads take turns on one core.</summary>
    private const int LongDisturbance = 17;

    /// <summary>Lets others run, if it is the number's turn.</summary>
    public static void Disturb(long number)
    {
        if (number % Disturbance != 0)
            return;
        if (number / Disturbance % LongDisturbance == 0)
            Thread.Sleep(1);
        else
            Thread.Yield();
    }

    /// <summary>Producers at one end, one checking consumer at the other.</summary>
    public static StressOutcome Line(Func<int, Sequencer> newSequencer, int producers, TimeSpan limit)
    {
        RingBuffer<Slot> ring = new(Capacity);
        Sequencer sequencer = newSequencer(Capacity);
        Check check = new(producers, expectStages: false);
        var consumer = EventProcessor.ForBatch("check", ring, sequencer.NewBarrier(), check);
        sequencer.AddGatingSequences(consumer.Sequence);
        return Run(ring, sequencer, [consumer], check, producers, limit);
    }

    /// <summary>Two middle stages side by side, each writing its own word, and a last one that needs both.</summary>
    public static StressOutcome Diamond(Func<int, Sequencer> newSequencer, bool lastWaitsForBoth, TimeSpan limit)
    {
        RingBuffer<Slot> ring = new(Capacity);
        Sequencer sequencer = newSequencer(Capacity);
        Check check = new(1, expectStages: true);
        var left = EventProcessor.ForEach("left", ring, sequencer.NewBarrier(), default(LeftStage));
        var right = EventProcessor.ForEach("right", ring, sequencer.NewBarrier(), default(RightStage));
        SequenceBarrier join = lastWaitsForBoth ? sequencer.NewBarrier(left.Sequence, right.Sequence) : sequencer.NewBarrier(left.Sequence);
        var last = EventProcessor.ForBatch("check", ring, join, check);
        sequencer.AddGatingSequences(last.Sequence, right.Sequence);
        return Run(ring, sequencer, [left, right, last], check, 1, limit);
    }

    private static StressOutcome Run(RingBuffer<Slot> ring, Sequencer sequencer, IEventProcessor[] stages, Check check, int producers, TimeSpan limit)
    {
        Thread[] consuming = Array.ConvertAll(stages, stage => stage.Start());
        Thread[] producing = new Thread[producers];
        long[] produced = new long[producers];
        long deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        for (int p = 0; p < producers; p++)
        {
            int me = p;
            producing[p] = new Thread(() => produced[me] = Produce(ring, sequencer, check, me, deadline)) { IsBackground = true };
            producing[p].Start();
        }

        foreach (Thread thread in producing)
        {
            if (!thread.Join(limit + TimeSpan.FromSeconds(5)))
                sequencer.Lifecycle.Halt("a producer hung");
            thread.Join();
        }

        sequencer.Complete();

        // A twin may lose events for good, so its consumer is stopped after a while.
        foreach (Thread thread in consuming)
        {
            if (!thread.Join(500))
                sequencer.Lifecycle.Halt("the stress run is over");
            thread.Join();
        }

        if (check.Violation is null && sequencer.Lifecycle.IsHalted)
            check.Violate($"the consumer hung with {check.Events} of {produced.Sum()} events read", -1);
        if (check.Violation is null && check.Events != produced.Sum())
            check.Violate($"{produced.Sum()} events were published and {check.Events} read", -1);
        long laps = check.Events / Capacity;
        StressVerdict verdict = check.Violation is not null ? StressVerdict.Broken
            : laps >= EnoughLaps && check.HaveMet ? StressVerdict.Held
            : StressVerdict.Inconclusive;
        return new StressOutcome(verdict, check.Events, laps, check.MetWriting, check.MetReading, check.Violation);
    }

    private static long Produce(RingBuffer<Slot> ring, Sequencer sequencer, Check check, int me, long deadline)
    {
        long number = 0;
        while (!check.IsEnough && (Environment.TickCount64 < deadline))
        {
            // Mostly single claims; every fifth a batch.
            int size = number % 5 == 4 ? 3 : 1;
            try
            {
                long last = sequencer.Next(size);
                for (long sequence = last - size + 1; sequence <= last; sequence++)
                {
                    ref Slot slot = ref ring[sequence];
                    slot.Write(number, me, number % Disturbance == 0 ? check : null);
                    number++;
                }

                check.Wrote(size);
                sequencer.Publish(last - size + 1, last);
            }
            catch (RingHaltedException)
            {
                break;
            }
        }

        return number;
    }

    private struct LeftStage : IEventHandler<Slot>
    {
        public void OnEvent(ref Slot slot, long sequence, bool endOfBatch)
        {
            Disturb(sequence);
            slot.Left = slot.LeftOfThis;
        }
    }

    private struct RightStage : IEventHandler<Slot>
    {
        public void OnEvent(ref Slot slot, long sequence, bool endOfBatch)
        {
            Disturb(sequence);
            slot.Right = slot.RightOfThis;
        }
    }

    /// <summary>Reads every slot twice, since an overwriting producer may come in between, and checks each producer's numbers for order.</summary>
    internal sealed class Check(int producers, bool expectStages) : IBatchEventHandler<Slot>
    {
        private readonly long[] _next = new long[producers];
        private bool _enough;
        private long _events;
        private long _written;
        private long _metWriting;

        public long Events => Volatile.Read(ref _events);

        /// <summary>How often the consumer went on while a producer stood halfway through a slot.</summary>
        public long MetWriting => Volatile.Read(ref _metWriting);

        /// <summary>How often a producer went on while the consumer held slots.</summary>
        public long MetReading { get; private set; }

        public bool HaveMet => MetWriting >= EnoughMeetings && MetReading >= EnoughMeetings;

        public string? Violation { get; private set; }

        public bool IsEnough => Volatile.Read(ref _enough);

        public void Wrote(int slots) => Interlocked.Add(ref _written, slots);

        /// <summary>Called by a producer that has half a slot written.</summary>
        public void Halfway(long number)
        {
            long before = Events;
            Disturb(number);
            if (Events != before)
                Interlocked.Increment(ref _metWriting);
        }

        public void OnBatch(Span<Slot> slots, long first, bool endOfBatch)
        {
            for (int i = 0; i < slots.Length; i++)
                Look(ref slots[i], first + i);
            long due = (first + slots.Length - 1) / Disturbance * Disturbance;
            if (due >= first)
            {
                long before = Volatile.Read(ref _written);
                Disturb(due);
                if (Volatile.Read(ref _written) != before)
                    MetReading++;
            }

            for (int i = 0; i < slots.Length; i++)
            {
                if (!slots[i].IsWhole())
                    Violate("changed while the consumer held it", first + i);
            }

            Volatile.Write(ref _events, _events + slots.Length);
            if (Violation is not null || (_events / Capacity >= EnoughLaps && HaveMet))
                Volatile.Write(ref _enough, true);
        }

        private void Look(ref Slot slot, long sequence)
        {
            int producer = slot.Producer;
            if (!slot.IsWhole())
                Violate("torn", sequence);
            else if (producer < 0 || producer >= _next.Length)
                Violate($"of an unknown producer {producer}", sequence);
            else if (slot.Number != _next[producer])
                Violate($"number {slot.Number} of producer {producer} where {_next[producer]} was due", sequence);
            else if (expectStages && (slot.Left != slot.LeftOfThis || slot.Right != slot.RightOfThis))
                Violate("before both middle stages had written it", sequence);
            else
                _next[producer]++;
        }

        public void Violate(string what, long sequence) => Violation ??= $"slot of sequence {sequence}: {what}";
    }
}
