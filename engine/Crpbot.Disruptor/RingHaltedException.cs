namespace Crpbot.Disruptor;

/// <summary>A producer found the ring halted. <see cref="Exception.InnerException"/> is what the failing stage threw, if one failed.</summary>
public sealed class RingHaltedException(string message, Exception? fault = null) : Exception(message, fault);
