using System.Runtime.CompilerServices;

namespace Crpbot.Risk;

/// <summary>One value, written by one thread and read whole by any other, without a lock and without making the writer wait.</summary>
/// <remarks>
/// The version is odd while the value is being written. A reader that sees an odd version, or another one after copying than before,
/// copies again. Only for displays: a writer that never pauses can hold a reader up.
/// </remarks>
public sealed class SeqLock<T>
    where T : unmanaged
{
    private long _version;
    private T _value;

    /// <summary>Publishes a value; only ever called by the one writing thread.</summary>
    public void Write(in T value)
    {
        long version = _version;
        Volatile.Write(ref _version, version + 1);
        // No store of the value may be seen before the odd version.
        Thread.MemoryBarrier();
        _value = value;
        // No store of the value may be seen after the even version.
        Volatile.Write(ref _version, version + 2);
    }

    /// <summary>Returns the last value that was published whole.</summary>
    public T Read()
    {
        var wait = new SpinWait();
        while (true)
        {
            long before = Volatile.Read(ref _version);
            if ((before & 1) == 0)
            {
                T copy = Copy(ref _value);
                // No load of the value may happen after the second load of the version.
                Thread.MemoryBarrier();
                if (Volatile.Read(ref _version) == before)
                    return copy;
            }

            wait.SpinOnce();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static T Copy(ref T value) => value;
}
