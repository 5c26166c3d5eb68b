#Requires -Version 7.4

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module

    # What an agent does to a project: it changes, adds and deletes files by its tools and its shell.
    $work = 'init', 'read', 'write ${CWD}/a.txt two\n', 'write ${CWD}/new/b.txt new\n', 'remove ${CWD}/old.txt', 'result done'

    function Get-State {
        Get-ChildItem -LiteralPath $place.Project -Recurse -File -Force | Where-Object FullName -NotMatch '[\\/]\.git[\\/]' |
            ForEach-Object { "$([System.IO.Path]::GetRelativePath($place.Project, $_.FullName).Replace('\', '/'))=$(Get-Content -Raw -LiteralPath $_.FullName)".Trim() } | Sort-Object
    }
}

Describe 'A checkpoint <Where>' -ForEach @(
    @{ Where = 'of a repository'; IsRepository = $true }
    @{ Where = 'outside a repository'; IsRepository = $false }
) {
    BeforeEach {
        $place = Open-AmpTestPlace
        $outer = Use-AmpTestVariable @{ HOME = $place.UserHome; XDG_STATE_HOME = $place.Environment.XDG_STATE_HOME; LOCALAPPDATA = $place.Environment.LOCALAPPDATA; XDG_CONFIG_HOME = $place.Environment.XDG_CONFIG_HOME }
        Push-Location -LiteralPath $place.Project
        Set-Content -LiteralPath a.txt 'one'
        Set-Content -LiteralPath old.txt 'old'
        if ($IsRepository) {
            git init -q .
            git add a.txt
        }

        $before = Get-State
        $call = Get-AmpFakeCall $place $work
    }

    AfterEach {
        Get-AmpSession | Remove-AmpSession -ErrorAction Ignore
        Pop-Location
        $null = Use-AmpTestVariable $outer
        Close-AmpTestPlace $place
    }

    It 'of a run has its changes, is listed, compared, restored, and the restore is undone' {
        $index = $IsRepository ? (Get-FileHash .git/index).Hash : ''
        $result = Invoke-AmpAgent 'Do the work' @call -Checkpoint -ResultOnly
        "$($result.Changes)" | Should -Be 'Changed a.txt Added new/b.txt Deleted old.txt'
        $result.Changes[0].Diff | Should -BeLike '*-one*+two*'
        $result.Changes.LinesAdded | Should -Be 1, 1, 0
        $result.Changes[1].FullName | Should -Be (Join-Path (Get-Item .).FullName 'new' 'b.txt')
        $after = Get-State

        $checkpoint = Get-AmpCheckpoint
        $checkpoint.Id, $checkpoint.ThreadId, $checkpoint.Prompt, $checkpoint.Files, $checkpoint.IsComplete |
            Should -Be $result.CheckpointId, $result.ThreadId, 'Do the work', 2, $true
        (Get-AmpCheckpoint $result.CheckpointId).Time | Should -Be $checkpoint.Time
        "$($checkpoint | Compare-AmpCheckpoint)" | Should -Be "$($result.Changes)"
        "$(Compare-AmpCheckpoint $checkpoint.Id -Path '*.txt')" | Should -Be "$($result.Changes)"
        "$(Compare-AmpCheckpoint $checkpoint.Id -Path 'a*', 'new')" | Should -Be 'Changed a.txt Added new/b.txt'
        "$(Compare-AmpCheckpoint $checkpoint.Id -LiteralPath new, old.txt)" | Should -Be 'Added new/b.txt Deleted old.txt'

        $shown = (Invoke-AmpTestShell $place "Set-Location -LiteralPath '$($place.Project)'; Restore-AmpCheckpoint '$($checkpoint.Id)' -WhatIf").Output -split '\r?\n' -match 'What if'
        $shown | Should -HaveCount 3
        $shown[0] | Should -BeLike '*"Restore the file"*a.txt*'
        $shown[1] | Should -BeLike '*"Delete the file*b.txt*'
        Get-State | Should -Be $after

        $undo = $result | Restore-AmpCheckpoint
        Get-State | Should -Be $before
        $undo.Cause | Should -Be 'Restore'
        $IsRepository ? (Get-FileHash .git/index).Hash : '' | Should -Be $index
        $again = $undo | Restore-AmpCheckpoint
        Get-State | Should -Be $after
        (Get-AmpCheckpoint).Id | Should -Be $again.Id, $undo.Id, $checkpoint.Id
        "$(Compare-AmpCheckpoint -ReferenceId $checkpoint.Id -DifferenceId $undo.Id)" | Should -Be "$($result.Changes)"

        Get-AmpCheckpoint | Remove-AmpCheckpoint -WhatIf
        Get-AmpCheckpoint | Should -HaveCount 3
        Get-AmpCheckpoint | Remove-AmpCheckpoint
        Get-AmpCheckpoint | Should -BeNullOrEmpty
        Get-State | Should -Be $after
    }

    It 'is not restored over what was edited after the run, unless -Force is given' {
        Set-Content -LiteralPath same.md 'same'
        $before = Get-State
        $result = Invoke-AmpAgent 'go' @call -Checkpoint -ResultOnly
        Set-Content -LiteralPath a.txt 'edited'
        $state = Get-State
        { Restore-AmpCheckpoint $result.CheckpointId -ErrorAction Stop } | Should -Throw '*a.txt*' -ErrorId 'CheckpointConflict,Amp.PowerShell.Commands.RestoreAmpCheckpointCommand'
        $result | Restore-AmpCheckpoint -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors[0].CategoryInfo.Category, $errors[0].TargetObject | Should -Be 'InvalidOperation', $result.CheckpointId
        $errors[0].Exception.Files | Should -Be 'a.txt'
        Get-State | Should -Be $state

        # A misspelled file is not one that needs no restore; an unchanged one is.
        { Restore-AmpCheckpoint $result.CheckpointId -Path 'olt.txt' -ErrorAction Stop } | Should -Throw '*olt.txt*' -ErrorId 'InvalidOption,*'
        { Compare-AmpCheckpoint $result.CheckpointId -LiteralPath 'olt.txt' -ErrorAction Stop } | Should -Throw '*olt.txt*' -ErrorId 'InvalidOption,*'
        Compare-AmpCheckpoint $result.CheckpointId -LiteralPath same.md | Should -BeNullOrEmpty
        Restore-AmpCheckpoint $result.CheckpointId -Path same.md | Should -BeNullOrEmpty
        Get-State | Should -Be $state

        # What was not edited can be restored.
        $null = Restore-AmpCheckpoint $result.CheckpointId -Path 'old*'
        Get-Content old.txt | Should -Be 'old'
        Get-Content a.txt | Should -Be 'edited'
        $undo = Restore-AmpCheckpoint $result.CheckpointId -Force
        Get-State | Should -Be $before
        $null = $undo | Restore-AmpCheckpoint
        Get-Content a.txt | Should -Be 'edited'
    }
}

Describe 'Checkpoints' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $outer = Use-AmpTestVariable @{ HOME = $place.UserHome; XDG_STATE_HOME = $place.Environment.XDG_STATE_HOME; LOCALAPPDATA = $place.Environment.LOCALAPPDATA }
        Push-Location -LiteralPath $place.Project
        Set-Content -LiteralPath a.txt 'one'
        Set-Content -LiteralPath old.txt 'old'
        $call = Get-AmpFakeCall $place $work
    }

    AfterEach {
        Get-AmpSession | Remove-AmpSession -ErrorAction Ignore
        Pop-Location
        $null = Use-AmpTestVariable $outer
        Close-AmpTestPlace $place
    }

    It 'are kept only if they are asked for' {
        $result = Invoke-AmpAgent 'go' @call -ResultOnly
        $result.CheckpointId | Should -BeNullOrEmpty
        @($result.Changes) | Should -HaveCount 0
        Get-AmpCheckpoint | Should -BeNullOrEmpty
    }

    It 'of rows are asked for by their cells: <Cell>' -ForEach @(
        @{ Cell = 'true'; Count = 1 }, @{ Cell = 'False'; Count = 0 }, @{ Cell = ''; Count = 0 }, @{ Cell = '1'; Count = 1 }
    ) {
        $null = [pscustomobject] @{ Prompt = 'go'; Checkpoint = $Cell } | Invoke-AmpAgent @call -ResultOnly
        @(Get-AmpCheckpoint) | Should -HaveCount $Count
    }

    It 'are compared and restored by paths in a folder that was reached by a link, and only in the current folder' -Skip:$IsWindows {
        $null = New-Item -ItemType Directory sub
        Set-Content sub/b.txt 'one'
        Set-Content sub/c.log 'one'
        $call = Get-AmpFakeCall $place 'init', 'read', 'write ${CWD}/a.txt two', 'write ${CWD}/sub/b.txt two', 'write ${CWD}/sub/c.log two', 'result done'
        $id = (Invoke-AmpAgent 'go' @call -Checkpoint -ResultOnly).CheckpointId
        $link = Join-Path $place.Root 'link'
        $null = New-Item -ItemType SymbolicLink -Path $link -Target $place.Project
        Push-Location -LiteralPath (Join-Path $link 'sub')
        try {
            "$(Compare-AmpCheckpoint $id -LiteralPath b.txt -WorkingDirectory $link)" | Should -Be 'Changed sub/b.txt'
            "$(Compare-AmpCheckpoint $id -LiteralPath "$link/a.txt" -WorkingDirectory $link)" | Should -Be 'Changed a.txt'
            "$(Compare-AmpCheckpoint $id -Path '*' -WorkingDirectory $link)" | Should -Be 'Changed sub/b.txt Changed sub/c.log'
            "$(Compare-AmpCheckpoint $id -Path '*.txt' -WorkingDirectory $link)" | Should -Be 'Changed sub/b.txt'
            "$(Compare-AmpCheckpoint $id -Path '../a*' -WorkingDirectory $link)" | Should -Be 'Changed a.txt'
            "$(Compare-AmpCheckpoint $id -Path "$link/sub/*.log" -WorkingDirectory $link)" | Should -Be 'Changed sub/c.log'
            { Compare-AmpCheckpoint $id -LiteralPath '../../other.txt' -WorkingDirectory $link -ErrorAction Stop } | Should -Throw '*is not in*' -ErrorId 'InvalidOption,*'
            { Compare-AmpCheckpoint $id -Path '../../other.txt' -WorkingDirectory $link -ErrorAction Stop } | Should -Throw '*is not in*' -ErrorId 'InvalidOption,*'
            $null = Restore-AmpCheckpoint $id -Path '*' -WorkingDirectory $link
            Get-Content b.txt, ../a.txt | Should -Be 'one', 'two'
        } finally {
            Pop-Location
        }
    }

    It 'are chosen by a path however it is spelled: <Spelling>' -ForEach @(
        @{ Spelling = './sub/../a.txt'; Found = 'Changed a.txt' }
        @{ Spelling = 'sub//b.txt'; Found = 'Changed sub/b.txt' }
        @{ Spelling = 'sub//*.txt'; Found = 'Changed sub/b.txt' }
        @{ Spelling = './sub/../?.txt'; Found = 'Changed a.txt' }
        @{ Spelling = 'sub\*.txt'; Found = 'Changed sub/b.txt' }
        @{ Spelling = 'sub/'; Found = 'Changed sub/b.txt' }
        @{ Spelling = '~/a.txt'; Found = 'Changed a.txt' }
        @{ Spelling = '~/s*'; Found = 'Changed sub/b.txt' }
        @{ Spelling = 'AmpTestProject:/a.txt'; Found = 'Changed a.txt' }
        @{ Spelling = 'AmpTestProject:/a*'; Found = 'Changed a.txt' }
        @{ Spelling = 'FileSystem::PROJECT/a.txt'; Found = 'Changed a.txt' }
        @{ Spelling = 'FileSystem::PROJECT/sub/../a*'; Found = 'Changed a.txt' }
        @{ Spelling = 'c`[1`].txt'; Found = 'Changed c[1].txt' }
        @{ Spelling = '.*'; Found = 'Added .d.txt' }
    ) {
        $null = New-Item -ItemType Directory sub
        Set-Content -LiteralPath sub/b.txt, 'c[1].txt' 'one'
        $call = Get-AmpFakeCall $place 'init', 'read', 'write ${CWD}/a.txt two', 'write ${CWD}/sub/b.txt two', 'write ${CWD}/c[1].txt two', 'write ${CWD}/.d.txt two', 'result done'
        $id = (Invoke-AmpAgent 'go' @call -Checkpoint -ResultOnly).CheckpointId
        $path = $Spelling.Replace('PROJECT', $place.Project)
        $provider = Get-PSProvider FileSystem
        $outerHome = $provider.Home
        $provider.Home = $place.Project
        $null = New-PSDrive -Name AmpTestProject -PSProvider FileSystem -Root $place.Project -Scope Global
        try {
            "$(Compare-AmpCheckpoint $id -Path $path)" | Should -Be $Found
            $null = Restore-AmpCheckpoint $id -Path $path
            Compare-AmpCheckpoint $id -Path $path | Should -BeNullOrEmpty
            Compare-AmpCheckpoint $id | Should -HaveCount 3
        } finally {
            Remove-PSDrive AmpTestProject -Scope Global
            $provider.Home = $outerHome
        }
    }

    It 'are chosen by a path in another case' -Skip:$IsLinux {
        $id = (Invoke-AmpAgent 'go' @call -Checkpoint -ResultOnly).CheckpointId
        "$(Compare-AmpCheckpoint $id -LiteralPath A.TXT, OLD.txt)" | Should -Be 'Changed a.txt Deleted old.txt'
        "$(Compare-AmpCheckpoint $id -Path NEW, 'A*')" | Should -Be 'Changed a.txt Added new/b.txt'
        $null = Restore-AmpCheckpoint $id -LiteralPath A.TXT, OLD.txt
        Get-Content a.txt, old.txt | Should -Be 'one', 'old'
    }

    It 'are chosen by wildcards in the same way in every culture' {
        $call = Get-AmpFakeCall $place 'init', 'read', 'write ${CWD}/changes.txt new', 'result done'
        $id = (Invoke-AmpAgent 'go' @call -Checkpoint -ResultOnly).CheckpointId
        $culture = [cultureinfo]::CurrentCulture
        try {
            [cultureinfo]::CurrentCulture = [cultureinfo]::new('cs-CZ')
        } catch {
            Set-ItResult -Skipped -Because 'this system has no cultures'
        }
        try {
            # There, the letter after the c makes it another one.
            "$(Compare-AmpCheckpoint $id -Path 'c*')" | Should -Be 'Added changes.txt'
        } finally {
            [cultureinfo]::CurrentCulture = $culture
        }
    }

    It 'name files that cannot be read anymore' -Skip:$IsWindows {
        Set-Content -LiteralPath kept.txt 'kept'
        $id = (Invoke-AmpAgent 'go' @call -Checkpoint -ResultOnly).CheckpointId

        # Nobody can read it as a file, not even root.
        Remove-Item -LiteralPath kept.txt
        mkfifo kept.txt
        try {
            "$(Compare-AmpCheckpoint $id -WarningVariable warnings -WarningAction SilentlyContinue)" | Should -Be 'Changed a.txt Added new/b.txt Deleted old.txt'
            $warnings | Should -HaveCount 1
            "$warnings" | Should -BeLike '*kept.txt*'
            Compare-AmpCheckpoint $id -LiteralPath kept.txt -WarningVariable warnings -WarningAction SilentlyContinue | Should -BeNullOrEmpty
            $warnings | Should -HaveCount 1
            "$(Compare-AmpCheckpoint $id -LiteralPath a.txt -WarningVariable warnings -WarningAction SilentlyContinue)" | Should -Be 'Changed a.txt'
            $warnings | Should -HaveCount 0
            foreach ($given in @{}, @{ Path = 'k*' }, @{ LiteralPath = 'a.txt', 'kept.txt' }) {
                { Restore-AmpCheckpoint $id @given -ErrorAction Stop } | Should -Throw '*kept.txt*' -ErrorId 'CheckpointConflict,*'
            }
            Get-Content a.txt | Should -Be 'two'
            $null = Restore-AmpCheckpoint $id -LiteralPath old.txt
            $null = Restore-AmpCheckpoint $id -Force -WarningVariable warnings -WarningAction SilentlyContinue
            $warnings | Should -HaveCount 1
            "$warnings" | Should -BeLike '*kept.txt*'
            Get-Content a.txt, old.txt | Should -Be 'one', 'old'
            Restore-AmpCheckpoint $id -LiteralPath kept.txt -Force -WarningVariable warnings -WarningAction SilentlyContinue | Should -BeNullOrEmpty
            "$warnings" | Should -BeLike '*kept.txt*'
        } finally {
            [System.IO.File]::Delete((Join-Path $place.Project 'kept.txt'))
        }
    }

    It 'show a file name with line breaks in one line' -Skip:$IsWindows {
        $id = (Invoke-AmpAgent 'go' @call -Checkpoint -ResultOnly).CheckpointId
        [System.IO.File]::WriteAllText((Join-Path $place.Project "a`".`nWhat if: b"), 'new')
        $shown = (Invoke-AmpTestShell $place "Set-Location -LiteralPath '$($place.Project)'; Restore-AmpCheckpoint '$id' -Force -WhatIf").Output -split '\r?\n' -match 'What if'
        $shown | Should -HaveCount 4
        @($shown -match 'u000aWhat if: b') | Should -HaveCount 1
        Restore-AmpCheckpoint $id -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors[0].FullyQualifiedErrorId | Should -BeLike 'CheckpointConflict,*'
        $errors[0].Exception.Message | Should -Not -Match '\n'
    }

    It 'of a row that is neither yes nor no are refused' {
        $results = [pscustomobject] @{ Prompt = 'go'; Checkpoint = 'perhaps' } | Invoke-AmpAgent @call -ResultOnly -ErrorVariable errors -ErrorAction SilentlyContinue
        $results.ErrorId | Should -Be 'InvalidOption'
        $errors[0].Exception.Message | Should -BeLike 'Row 1:*perhaps*'
    }

    It 'of several runs in one folder come with a warning' {
        $warnings = $null
        $call = Get-AmpFakeCall $place 'init', 'read', 'if start 1 waitfor ${CWD}/go', 'if start 2 write ${CWD}/go x', 'result done'
        $results = 'a', 'b' | Invoke-AmpAgent @call -Checkpoint -ThrottleLimit 2 -ResultOnly -WarningVariable warnings -WarningAction SilentlyContinue -ErrorAction SilentlyContinue
        $results | Should -HaveCount 2
        ($warnings.Message -match 'at the same time') | Should -Not -BeNullOrEmpty
    }

    It 'of a session belong to its process' {
        $call = Get-AmpFakeCall $place 'init', 'turn', 'write ${CWD}/a.txt two', 'turns'
        $session = New-AmpSession @call -Checkpoint
        $null = Send-AmpMessage $session 'one'
        (Get-AmpCheckpoint).IsComplete | Should -BeFalse
        $null = Send-AmpMessage $session 'two'
        Remove-AmpSession $session
        (Get-AmpCheckpoint).IsComplete | Should -BeTrue
        "$(Get-AmpCheckpoint | Compare-AmpCheckpoint)" | Should -Be 'Changed a.txt'
    }

    It 'are not all of the folder for a result that has none' {
        $plain = Get-AmpFakeCall $place 'init', 'read', 'result done'
        $with = Invoke-AmpAgent 'go' @plain -Checkpoint -ResultOnly
        $without = Invoke-AmpAgent 'go' @plain -ResultOnly
        ($without, $with | Get-AmpCheckpoint -ErrorVariable errors -ErrorAction SilentlyContinue).Id | Should -Be $with.CheckpointId
        $errors | Should -HaveCount 1
        $errors[0].FullyQualifiedErrorId | Should -Be 'InvalidOption,Amp.PowerShell.Commands.GetAmpCheckpointCommand'
        $without | Get-AmpCheckpoint -ErrorAction SilentlyContinue | Remove-AmpCheckpoint
        (Get-AmpCheckpoint).Id | Should -Be $with.CheckpointId
        ([pscustomobject] @{ Folder = $place.Project } | Get-AmpCheckpoint).Id | Should -Be $with.CheckpointId
    }

    It 'are not all of the folder for the messages of a run, of which only the result has one' {
        $plain = Get-AmpFakeCall $place 'init', 'read', 'assistant hello', 'result done'
        $kept = (Invoke-AmpAgent 'go' @plain -Checkpoint -ResultOnly).CheckpointId
        $messages = Invoke-AmpAgent 'go' @plain -Checkpoint
        $file = Join-Path $place.Root 'messages.xml'
        $messages | Export-Clixml -LiteralPath $file
        foreach ($all in $messages, (Import-Clixml -LiteralPath $file)) {
            ($all | Get-AmpCheckpoint -ErrorVariable errors).Id | Should -Be $messages[-1].CheckpointId
            $errors | Should -HaveCount 0
        }

        $messages | Get-AmpCheckpoint | Remove-AmpCheckpoint
        (Get-AmpCheckpoint).Id | Should -Be $kept
        foreach ($other in 'text', [pscustomobject] @{ Name = 'x' }) {
            $other | Get-AmpCheckpoint -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $errors | Should -HaveCount 1
        }

        ($place.Project | Get-AmpCheckpoint -WorkingDirectory { $_ }).Id | Should -Be $kept
    }

    It 'of a piped object are found after one whose folder is null' {
        $result = Invoke-AmpAgent 'go' @call -Checkpoint -ResultOnly
        $wrong = [pscustomobject] @{ Id = $result.CheckpointId, $result.CheckpointId; Folder = $null }
        $wrong, $result | Remove-AmpCheckpoint -WhatIf -ErrorVariable errors -ErrorAction SilentlyContinue
        $errors | Should -HaveCount 1
        $wrong.Id = $result.CheckpointId
        ($wrong, $result | Restore-AmpCheckpoint -ErrorVariable errors -ErrorAction SilentlyContinue).Cause | Should -Be 'Restore'
        $errors | Should -HaveCount 1
        $errors[0].FullyQualifiedErrorId | Should -Be 'InvalidOption,Amp.PowerShell.Commands.RestoreAmpCheckpointCommand'
        Get-Content a.txt | Should -Be 'one'
    }

    It 'that do not exist are errors: <Code>' -ForEach @(
        @{ Code = { Get-AmpCheckpoint 20260101-000000-abcdef -ErrorAction Stop } }
        @{ Code = { Compare-AmpCheckpoint nothing -ErrorAction Stop } }
        @{ Code = { Restore-AmpCheckpoint nothing -ErrorAction Stop } }
        @{ Code = { Remove-AmpCheckpoint nothing -ErrorAction Stop } }
    ) {
        $Code | Should -Throw '*no checkpoint*' -ErrorId 'CheckpointNotFound,*'
    }

    It 'are completed from what was seen, without a process' {
        $result = Invoke-AmpAgent 'go' @call -Checkpoint -ResultOnly
        $outerPath = Use-AmpTestVariable @{ PATH = $place.Root }
        try {
            $line = 'Restore-AmpCheckpoint '
            (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Contain "'$($result.CheckpointId)'"
        } finally {
            $null = Use-AmpTestVariable $outerPath
        }

        Remove-AmpCheckpoint $result.CheckpointId
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Not -Contain "'$($result.CheckpointId)'"
    }

    It 'are not kept without git, and the CLI is not started' {
        $outerPath = Use-AmpTestVariable @{ PATH = $place.Root }
        try {
            { Invoke-AmpAgent 'go' @call -Checkpoint -ErrorAction Stop } | Should -Throw '*git*' -ErrorId 'CliNotFound,*'
        } finally {
            $null = Use-AmpTestVariable $outerPath
        }

        Get-Content a.txt | Should -Be 'one'
    }

    It 'and their differences survive Clixml and a job, which start no git' {
        $result = Invoke-AmpAgent 'go' @call -Checkpoint -ResultOnly
        $file = Join-Path $place.Root 'kept.xml'
        $result, (Get-AmpCheckpoint) | Export-Clixml -LiteralPath $file
        $read = Import-Clixml -LiteralPath $file
        $read[0].Changes.Path | Should -Be 'a.txt', 'new/b.txt', 'old.txt'
        $read[0].Changes[0].PSObject.Properties.Name | Should -Not -Contain 'Diff'
        $read[1].Id | Should -Be $result.CheckpointId
        ($read[1] | Out-String) | Should -BeLike "*$($result.CheckpointId)*Run*2*go*"
        ($read[0].Changes | Out-String) | Should -BeLike '*Changed*1*1*a.txt*'
    }
}
