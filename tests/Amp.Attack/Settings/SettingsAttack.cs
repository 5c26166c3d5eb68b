using System.Diagnostics;

namespace Amp.Attack.Settings;

/// <summary>
/// Has settings of users and projects merged for a run, and holds what comes out against what they mean: a call that the user or the call rejects is
/// rejected, or nothing is started; what cannot be judged is refused; what lifts nothing is taken.
/// </summary>
internal static class SettingsAttack
{
    private static readonly TimeSpan s_hangLimit = TimeSpan.FromMinutes(2);

    /// <summary>Attacks; the counts in a line.</summary>
    /// <exception cref="AttackFailureException">A reject was lost, or something else happened that must not.</exception>
    public static string Run(int seed, int first, int count)
    {
        Stopwatch watch = Stopwatch.StartNew();
        using AttackPlace place = new();
        int refused = 0;
        int held = 0;
        for (int number = first; number < first + count; number++)
        {
            using SettingsCase attack = new(new AttackRandom(seed, number), Path.Combine(place.Root, "case"));
            try
            {
                Task<bool> running = Task.Run(attack.IsTaken);
                if (!running.Wait(s_hangLimit))
                {
                    throw new InvalidDataException("The settings were not read to an end.");
                }

                refused += running.Result ? 0 : 1;
                held += attack.HeldRejects;
            }
            catch (Exception exception)
            {
                Exception cause = exception.GetBaseException();
                throw new AttackFailureException("settings", seed, number, cause is InvalidDataException ? cause.Message : cause.ToString(), attack.Shown, exception);
            }
        }

        return $"settings: seed {seed}, {count} pairs of files, {refused} refused, {count - refused} taken, {held} rejects held, 0 lost, {watch.Elapsed.TotalSeconds:0} s";
    }
}
