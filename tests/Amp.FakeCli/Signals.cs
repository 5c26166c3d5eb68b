using System.Runtime.InteropServices;

namespace Amp.FakeCli;

/// <summary>Answers signals, or dies by one.</summary>
internal static class Signals
{
    // A registration that is collected no longer answers.
    private static readonly Dictionary<PosixSignal, PosixSignalRegistration> s_registrations = [];
    private static readonly Dictionary<PosixSignal, List<Action>> s_answers = [];

    /// <summary>From now on the signal does what <paramref name="answer"/> does, after earlier answers to it, and nothing else.</summary>
    public static void Answer(string name, Action answer)
    {
        PosixSignal signal = Named(name);
        lock (s_answers)
        {
            if (!s_answers.TryGetValue(signal, out List<Action>? answers))
            {
                s_answers[signal] = answers = [];
            }

            answers.Add(answer);
            if (!s_registrations.ContainsKey(signal))
            {
                s_registrations[signal] = PosixSignalRegistration.Create(signal, OnSignal);
            }
        }
    }

    /// <summary>Ends this process by the signal.</summary>
    public static void Die(string name)
    {
        int number = name switch
        {
            "HUP" => 1,
            "INT" => 2,
            "QUIT" => 3,
            "ABRT" => 6,
            "KILL" => 9,
            "SEGV" => 11,
            "TERM" => 15,
            _ => throw FakeStepException.Wrong($"unknown signal '{name}'"),
        };
        NativeMethods.DieBySignal(number);

        // The signal may be delivered to another thread a moment after the call.
        Thread.Sleep(10_000);
        throw FakeStepException.Unsupported($"signal {name}");
    }

    private static void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        Action[] answers;
        lock (s_answers)
        {
            answers = [.. s_answers[context.Signal]];
        }

        foreach (Action answer in answers)
        {
            answer();
        }
    }

    private static PosixSignal Named(string name) => name switch
    {
        "HUP" => PosixSignal.SIGHUP,
        "INT" => PosixSignal.SIGINT,
        "QUIT" => PosixSignal.SIGQUIT,
        "TERM" => PosixSignal.SIGTERM,
        _ => throw FakeStepException.Wrong($"signal '{name}' cannot be answered"),
    };
}
