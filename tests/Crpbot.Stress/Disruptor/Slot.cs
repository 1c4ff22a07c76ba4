using System.Runtime.InteropServices;

namespace Crpbot.Stress.Disruptor;

/// <summary>A 64-byte slot whose words all follow from one number, so that any mix of two writes shows.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct Slot
{
    /// <summary>The event's number within its producer.</summary>
    public long Number;

    public int Producer;

    /// <summary>How many middle stages have worked on it.</summary>
    public int Touched;

    public ulong A, B, C, D;

    /// <summary>Each middle stage of the diamond writes one.</summary>
    public ulong Left, Right;

    /// <param name="number">The event's number.</param>
    /// <param name="producer">Who writes.</param>
    /// <param name="halfway">Called between the words, if given.</param>
    public void Write(long number, int producer, RingStress.Check? halfway)
    {
        Number = number;
        Producer = producer;
        A = Mix((ulong)number, 1);
        B = Mix(A, (ulong)producer);
        halfway?.Halfway(number);
        C = Mix(B, 3);
        D = Mix(C, 4);
        Left = 0;
        Right = 0;
    }

    public readonly bool IsWhole() =>
        A == Mix((ulong)Number, 1) && B == Mix(A, (ulong)Producer) && C == Mix(B, 3) && D == Mix(C, 4);

    public readonly ulong LeftOfThis => Mix(D, 5);

    public readonly ulong RightOfThis => Mix(D, 6);

    /// <summary>splitmix64.</summary>
    private static ulong Mix(ulong value, ulong salt)
    {
        ulong z = value + salt * 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
