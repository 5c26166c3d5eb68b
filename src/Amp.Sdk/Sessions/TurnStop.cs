namespace Amp.Sessions;

/// <summary>Why a turn is broken off from this side.</summary>
internal enum TurnStop
{
    None,
    Stopped,
    Abandoned,
    Timeout,
    IdleTimeout,
}
