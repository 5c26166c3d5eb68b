#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $missing = Get-AmpTestGap NativeCli
    $changes = @(
        'New-AmpThread -Visibility private'
        'New-AmpThread -HandoffFrom $thread -Goal x'
        'New-AmpThread -ForkFrom $thread'
        'Set-AmpThread $thread -Archived -Visibility private -Label one'
        'Rename-AmpThread $thread x'
        'Remove-AmpThread $thread'
    )
    $calls = $changes + @(
        'Get-AmpThread'
        'Get-AmpThread -Id $thread'
        'Find-AmpThread x'
        'Get-AmpThreadUsage $thread'
        'Export-AmpThread $thread'
        'Export-AmpThreadMarkdown $thread'
    )
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $threads = 1..2 | ForEach-Object { [Amp.AmpThread]@{ Id = "T-00000000-0000-4000-8000-00000000000$_"; Title = "title $_" } }
    $thread = $threads[0]
}

Describe 'A change of threads' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place 'out {"id":"T-00000000-0000-4000-8000-000000000001"} deleted'
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'starts nothing and writes nothing with -WhatIf: <_>' -ForEach $changes {
        & ([scriptblock]::Create("$_ -WhatIf @call")) | Should -BeNullOrEmpty

        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
        Get-ChildItem -LiteralPath $place.UserHome -Force | Should -BeNullOrEmpty
    }

    It 'is not asked for with -Confirm:$false' {
        $threads | Remove-AmpThread -Confirm:$false @call

        $deleted = Get-AmpFakeRecord $place -Kind Command | Where-Object { $_.arguments[1] -eq 'delete' }
        ($deleted.arguments | Where-Object { $_ -like 'T-*' } | Sort-Object) | Should -Be $threads.Id
    }

    It 'is made once for each of several runs, after their last message' {
        # Messages of runs that work at the same time.
        $before = [System.Collections.Generic.List[int]]::new()
        1, 2, 1, 2 | ForEach-Object {
            $before.Add(@(Get-AmpFakeRecord $place -Kind Command).Count)
            [pscustomobject] @{ ThreadId = $threads[$_ - 1].Id; RunId = $_ }
        } | Remove-AmpThread -Confirm:$false @call

        $before | Should -Be 0, 0, 0, 0
        $deleted = Get-AmpFakeRecord $place -Kind Command | Where-Object { $_.arguments[1] -eq 'delete' }
        ($deleted.arguments | Where-Object { $_ -like 'T-*' } | Sort-Object) | Should -Be $threads.Id
    }

    It 'is made once for each run of a call, in whatever order their messages arrive' {
        # None of the two ends before the other has begun.
        $call = Get-AmpFakeCall $place @(
            'if argument threads out {"id":"T-00000000-0000-4000-8000-000000000001"} deleted'
            'if argument threads exit 0'
            'init'
            "if start 1 mark $($place.Root)/here-1"
            "if start 2 mark $($place.Root)/here-2"
            "waitfor $($place.Root)/here-1"
            "waitfor $($place.Root)/here-2"
            'result done'
        )
        'a', 'b' | Invoke-AmpAgent @call -ThrottleLimit 2 -WarningAction SilentlyContinue | Tee-Object -Variable messages | Remove-AmpThread -Confirm:$false @call

        $ids = @($messages.ThreadId | Sort-Object -Unique)
        $ids | Should -HaveCount 2
        $deleted = Get-AmpFakeRecord $place -Kind Command | Where-Object { $_.arguments[1] -eq 'delete' }
        ($deleted.arguments | Where-Object { $_ -like 'T-*' } | Sort-Object) | Should -Be $ids
    }

    It 'is made for a run that has ended, also if an error stops the pipeline after later runs' {
        $call = Get-AmpFakeCall $place @(
            'if argument threads out {"id":"T-00000000-0000-4000-8000-000000000001"} deleted'
            'if argument threads exit 0'
            'init'
            'result done'
        )
        $ids = [System.Collections.Generic.List[string]]::new()
        {
            & {
                [pscustomobject] @{ Prompt = 'a' }
                [pscustomobject] @{ Prompt = 'b' }
                throw 'no more rows'
            } | Invoke-AmpAgent @call -ResultOnly -WarningAction SilentlyContinue | ForEach-Object {
                $ids.Add($_.ThreadId)
                $_
            } | Remove-AmpThread -Confirm:$false @call
        } | Should -Throw 'no more rows'

        $ids | Should -HaveCount 2
        $deleted = Get-AmpFakeRecord $place -Kind Command | Where-Object { $_.arguments[1] -eq 'delete' }
        ($deleted.arguments | Where-Object { $_ -like 'T-*' }) | Should -Be $ids[0]
    }

    It 'waits for a later run of the same thread' {
        $rows = 1, 1, 2 | ForEach-Object { [pscustomobject] @{ ThreadId = $threads[$_ - 1].Id; RunId = 1; ErrorId = $null } }
        $before = [System.Collections.Generic.List[int]]::new()
        $rows | ForEach-Object {
            $before.Add(@(Get-AmpFakeRecord $place -Kind Command).Count)
            $_
        } | Remove-AmpThread -Confirm:$false @call

        $before | Should -Be 0, 0, 0
        $deleted = Get-AmpFakeRecord $place -Kind Command | Where-Object { $_.arguments[1] -eq 'delete' }
        ($deleted.arguments | Where-Object { $_ -like 'T-*' } | Sort-Object) | Should -Be $threads.Id
    }

    It 'is made once for a thread that is named again' {
        1, 2, 1 | ForEach-Object { $threads[$_ - 1].Id } | Remove-AmpThread -Confirm:$false @call
        $deleted = Get-AmpFakeRecord $place -Kind Command | Where-Object { $_.arguments[1] -eq 'delete' }
        ($deleted.arguments | Where-Object { $_ -like 'T-*' } | Sort-Object) | Should -Be $threads.Id
    }

    It 'needs something to change' {
        { Set-AmpThread $thread @call } | Should -Throw '*No change was given*'
        { Rename-AmpThread $thread '  ' @call -ErrorAction Stop } | Should -Throw '*is empty*'
        { Rename-AmpThread $thread "a`nb" @call -ErrorAction Stop } | Should -Throw '*control characters*'
        { Set-AmpThread $thread -Label 'a b' @call -ErrorAction Stop } | Should -Throw '*not a valid label*'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'that the CLI does not confirm is an error' {
        $call = Get-AmpFakeCall $place 'out Title  Last Updated'
        { Set-AmpThread $thread -Archived @call -ErrorAction Stop } | Should -Throw '*does not say that it was done*'
    }

    It 'is none for what is not a thread' {
        { Get-Process -Id $PID | Remove-AmpThread -Confirm:$false @call -ErrorAction Stop } | Should -Throw '*is not a valid thread*'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }
}

Describe 'A command about threads' {
    BeforeAll {
        $place = Open-AmpTestPlace
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'that hangs, or wants a login, is ended: <_>' -ForEach $calls {
        $ConfirmPreference = 'None'
        $command = [scriptblock]::Create("$_ @call -ErrorAction Stop")
        $lacks = $_ -like '*ForkFrom*' -or $_ -like '*Label*'
        $hanging = Get-AmpFakeCall $place 'ignore INT,TERM', 'hang'
        $login = Get-AmpFakeCall $place 'hang' -Variable @{ AMP_FAKE_LOGIN = '1' }
        foreach ($try in @{ Call = $hanging; Id = 'Timeout'; Limit = 1 }, @{ Call = $login; Id = 'NotAuthenticated'; Limit = 60 }) {
            $call = $try.Call + @{ TimeoutSec = $try.Limit }
            $caught = try { & $command } catch { $_ }
            ($caught.FullyQualifiedErrorId -split ',')[0] | Should -Be ($lacks ? 'UnsupportedByCli' : $try.Id)
            Get-AmpTestProcess $place | Should -BeNullOrEmpty
        }
    }
}

Describe 'A thread that the CLI says does not exist' {
    BeforeAll {
        $place = Open-AmpTestPlace
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'is one that the key does not open, where a list says so' {
        $call = Get-AmpFakeCall $place (
            'if argument list err Error: Error listing threads: API request for getUserInfo failed: 401',
            "if noargument list err Thread $($thread.Id) does not exist.",
            'exit 1')
        foreach ($try in { Export-AmpThreadMarkdown $thread @call -ErrorAction Stop }, { Remove-AmpThread $thread -Confirm:$false @call -ErrorAction Stop }) {
            $caught = try { & $try } catch { $_ }
            ($caught.FullyQualifiedErrorId -split ',')[0] | Should -Be 'NotAuthenticated'
        }

        Get-AmpFakeRecord $place -Kind Command | Where-Object { $_.arguments -contains 'delete' } | Should -BeNullOrEmpty
    }
}

Describe 'A CLI of September 2026' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $help = Join-Path (Get-AmpTestLayout).Root 'tests/Amp.FakeCli/help/2026-09-23.txt'
        $new = @{ AMP_FAKE_HELP = $help; AMP_FAKE_VERSION = '0.0.1790142911-g7618fb' }
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'lists in JSON, from where one likes' {
        $call = Get-AmpFakeCall $place -Variable $new -Step (
            'out [{"id":"T-00000000-0000-4000-8000-000000000001","title":"a  b","updated":"2026-09-20T10:11:12.345Z","messageCount":3}]')
        $listed = Get-AmpThread -First 5 -Skip 2 -IncludeArchived @call

        $listed.Title | Should -Be 'a  b'
        $listed.Updated | Should -Be ([System.DateTimeOffset] '2026-09-20T10:11:12.345Z')
        $listed.IsUpdatedEstimated | Should -BeFalse
        (Get-AmpFakeRecord $place -Kind Command).arguments |
            Should -Be 'threads', 'list', '--include-archived', '--json', '--limit=5', '--offset=2'
    }

    It 'gets a thread once for all messages of its run' {
        $call = Get-AmpFakeCall $place -Variable $new -Step (
            'out [{"id":"T-00000000-0000-4000-8000-000000000001","title":"a","updated":"2026-09-20T10:11:12.345Z","messageCount":3},' +
            '{"id":"T-00000000-0000-4000-8000-000000000002","title":"b","updated":"2026-09-20T10:11:12.345Z","messageCount":3}]')
        $messages = 1, 2, 1, 2 | ForEach-Object { [pscustomobject] @{ ThreadId = $threads[$_ - 1].Id; RunId = $_ } }
        ($messages | Get-AmpThread @call).Title | Should -Be 'a', 'b'
        ($messages[0, 0, 0] | Select-Object ThreadId | Get-AmpThread @call).Title | Should -Be 'a'
    }

    It 'makes threads by address, and labels them' {
        $call = Get-AmpFakeCall $place -Variable $new -Step (
            'if argument new out https://ampcode.com/threads/T-00000000-0000-4000-8000-000000000001',
            'if argument label out ✓ Thread https://ampcode.com/threads/T-00000000-0000-4000-8000-000000000001 labels: one, two')
        $made = New-AmpThread -Label one, two -Visibility public @call

        $made.Id | Should -Be 'T-00000000-0000-4000-8000-000000000001'
        $made.Visibility | Should -Be 'unlisted'
        $made | Set-AmpThread -Label three @call
        (Get-AmpFakeRecord $place -Kind Command | Where-Object { $_.arguments -contains 'three' }).arguments |
            Should -Be 'threads', 'label', $made.Id, 'three'
    }

    It 'cannot hand off or copy' {
        $call = Get-AmpFakeCall $place -Variable $new
        { New-AmpThread -HandoffFrom $thread -Goal x @call } | Should -Throw '*0.0.1790142911-g7618fb*threads handoff*'
        { New-AmpThread -ForkFrom $thread @call } | Should -Throw '*threads fork*'
        Get-AmpFakeRecord $place -Kind Command | Should -BeNullOrEmpty
    }

    It "says that it is offline$missing" -Skip:([bool] $missing) {
        $call = @{
            CliPath = (Get-AmpTestLayout).NativeCli
            WorkingDirectory = $place.Project
            Environment = $place.Environment + @{}
        }
        $call.Environment.AMP_URL = 'http://127.0.0.1:9'
        $call.Environment.AMP_API_KEY = 'local-key-0123456789'
        foreach ($try in { Find-AmpThread x @call }, { Set-AmpThread $thread -Archived @call -ErrorAction Stop }) {
            $caught = try { & $try } catch { $_ }
            ($caught.FullyQualifiedErrorId -split ',')[0] | Should -Be 'ServiceUnreachable'
        }
    }
}

Describe 'A piped thread' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'is continued, also one from another session' {
        $copy = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($thread))
        foreach ($one in $thread, $copy) {
            ($one | Invoke-AmpAgent 'go on' @call)[-1].ThreadId | Should -Be $thread.Id
        }

        (Invoke-AmpAgent 'go on' -ThreadId $thread @call)[-1].ThreadId | Should -Be $thread.Id
        (Get-AmpFakeRecord $place -Kind Run | Select-Object -First 1).arguments[0..2] | Should -Be 'threads', 'continue', $thread.Id
    }

    It 'is an error beside <What>, before anything is started' -ForEach @(
        @{ What = 'another thread'; Piped = { $threads }; Options = @{}; Message = '*More than one thread*' }
        @{ What = 'other objects'; Piped = { $thread, 'text' }; Options = @{}; Message = '*other objects*' }
        @{ What = 'other objects before it'; Piped = { 'text', $thread }; Options = @{}; Message = '*other objects*' }
        @{ What = '-ContinueThread'; Piped = { $thread }; Options = @{ ContinueThread = $true }; Message = '*a parameter specifies another thread*' }
    ) {
        { & $Piped | Invoke-AmpAgent 'go on' @Options @call } | Should -Throw $Message
        Get-AmpFakeRecord $place -Kind Run | Should -BeNullOrEmpty
    }

    It 'shows its time, its ID and its title, which obeys no terminal' {
        $odd = [Amp.AmpThread]@{ Id = $thread.Id; Title = "a`e[31mb"; Updated = [System.DateTimeOffset]::Now; IsUpdatedEstimated = $true }
        $text = $odd | Out-String -Width 80

        $text | Should -BeLike "*~20*$($thread.Id) ab*"
    }
}
